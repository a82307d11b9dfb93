/** Private keys as ASCII armour, in the form of the Cosmos SDK 0.50 and later (crypto/armor.go): its tools and ours read each other's. */
import { randomBytes } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

const BLOCK = "TENDERMINT PRIVATE KEY";
/** Amino's mark of `tendermint/PrivKeySecp256k1`, and the length of the key. */
const AMINO_SECP256K1 = Uint8Array.of(0xe1, 0xb0, 0xf7, 0x9b, 32);
const LINE_CHARACTERS = 64;
/** A key's armour has some 400. */
const ARMOR_CHARACTERS_MAX = 10_000;

/** The SDK's parameters: argon2id, one pass over 64 MiB in 4 lanes. */
async function armorKey(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  const { hashRaw } = await import("@node-rs/argon2");
  const options = {
    algorithm: 2,
    memoryCost: 64 * 1024,
    timeCost: 1,
    parallelism: 4,
    salt: Buffer.from(salt),
    outputLen: 32,
  };
  return new Uint8Array(await hashRaw(passphrase, options));
}

/** Every export has its own salt and so its own key, which allows a nonce of zeros. */
const NONCE = new Uint8Array(12);

/** Seals a secp256k1 private key of 32 bytes. */
export async function armorPrivateKey(privateKey: Uint8Array, passphrase: string): Promise<string> {
  const salt = new Uint8Array(randomBytes(16));
  const key = await armorKey(passphrase, salt);
  const sealed = chacha20poly1305(key, NONCE).encrypt(new Uint8Array([...AMINO_SECP256K1, ...privateKey]));
  const body =
    Buffer.from(sealed)
      .toString("base64")
      .match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  const headers = ["kdf: argon2", `salt: ${Buffer.from(salt).toString("hex").toUpperCase()}`, "type: secp256k1"];
  const lines = [`-----BEGIN ${BLOCK}-----`, ...headers, "", ...body, `=${checksum(sealed)}`, `-----END ${BLOCK}-----`];
  return `${lines.join("\n")}\n`;
}

/** Rejects with an Error when the text is no armour, of another kind, or the passphrase is wrong. */
export async function unarmorPrivateKey(armor: string, passphrase: string): Promise<Uint8Array> {
  const { headers, bytes } = parseArmor(armor);
  const kdf = headers.get("kdf");
  if (kdf !== "argon2") {
    throw new Error(
      `the armour's kdf is ${JSON.stringify(kdf)}, want argon2: export the key again with a tool of Cosmos SDK 0.50 or later, or use import-hex`,
    );
  }
  const type = headers.get("type") ?? "secp256k1";
  if (type !== "secp256k1") throw new Error(`the armour holds a ${type} key, want secp256k1`);
  const key = await armorKey(passphrase, new Uint8Array(Buffer.from(headers.get("salt") ?? "", "hex")));
  let plain: Uint8Array;
  try {
    plain = chacha20poly1305(key, NONCE).decrypt(bytes);
  } catch {
    throw new Error("passphrase is wrong for this armour");
  }
  if (plain.length !== 37 || AMINO_SECP256K1.some((byte, at) => plain[at] !== byte)) {
    throw new Error("the armour holds something else than a secp256k1 private key");
  }
  return plain.slice(AMINO_SECP256K1.length);
}

function parseArmor(armor: string): { readonly headers: ReadonlyMap<string, string>; readonly bytes: Uint8Array } {
  const lines = armor
    .slice(0, ARMOR_CHARACTERS_MAX)
    .split("\n")
    .map((line) => line.trim());
  const start = lines.indexOf(`-----BEGIN ${BLOCK}-----`);
  const end = lines.indexOf(`-----END ${BLOCK}-----`);
  if (start < 0 || end < start)
    throw new Error(`the text is no armour, want -----BEGIN ${BLOCK}----- to -----END ${BLOCK}-----`);
  const headers = new Map<string, string>();
  let at = start + 1;
  for (; at < end && lines[at] !== ""; at++) {
    const line = lines[at] as string;
    const colon = line.indexOf(": ");
    if (colon < 0) break;
    headers.set(line.slice(0, colon), line.slice(colon + 2));
  }
  let body = "";
  let sum: string | undefined;
  for (const line of lines.slice(at, end)) {
    if (line.startsWith("=")) sum = line.slice(1);
    else body += line;
  }
  const bytes = new Uint8Array(Buffer.from(body, "base64"));
  if (sum !== undefined && sum !== checksum(bytes))
    throw new Error("the armour's checksum is wrong: some of it was changed or is missing");
  return { headers, bytes };
}

/** CRC-24 in base64. Source: RFC 4880, section 6.1. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return Buffer.from([(crc >> 16) & 255, (crc >> 8) & 255, crc & 255]).toString("base64");
}
