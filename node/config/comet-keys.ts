/** The key files of CometBFT, in its own JSON forms. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync } from "node:fs";
import { readFileIfThere, writeFileAtomically } from "./files.ts";

/** An ed25519 key pair as raw bytes. */
export interface Ed25519Key {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** 32 bytes. */
  readonly pubKey: Uint8Array;
}

/** The DER around a seed of 32 bytes. Source: RFC 8410, section 7. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });

export function ed25519FromSeed(seed: Uint8Array): Ed25519Key {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: "der", type: "spki" });
  return { seed, pubKey: new Uint8Array(spki.subarray(spki.length - 32)) };
}

export function generateEd25519(): Ed25519Key {
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
  return ed25519FromSeed(new Uint8Array(pkcs8.subarray(pkcs8.length - 32)));
}

/** The key that CometBFT's and the SDK's tools derive from a mnemonic (`init --recover`): SHA-256 of the text is the seed. */
export const ed25519FromSecret = (secret: string): Ed25519Key =>
  ed25519FromSeed(new Uint8Array(createHash("sha256").update(secret).digest()));

export const signEd25519 = (key: Ed25519Key, message: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, message, privateKeyOf(key.seed)));

/** 20 bytes: the first of SHA-256 of the key. */
export const cometAddress = (pubKey: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(pubKey).digest().subarray(0, 20));

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The name of a node in the network: its key's address in hex. */
export const nodeIdOf = (pubKey: Uint8Array): string => hex(cometAddress(pubKey));

const privateJson = (key: Ed25519Key) => ({
  type: "tendermint/PrivKeyEd25519",
  value: base64(Buffer.concat([key.seed, key.pubKey])),
});

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

export const writeNodeKey = (path: string, key: Ed25519Key): void =>
  writeFileAtomically(path, `${JSON.stringify({ priv_key: privateJson(key) })}\n`);

export function writeValidatorKey(path: string, key: Ed25519Key): void {
  const content = {
    address: hex(cometAddress(key.pubKey)).toUpperCase(),
    pub_key: { type: "tendermint/PubKeyEd25519", value: base64(key.pubKey) },
    priv_key: privateJson(key),
  };
  writeFileAtomically(path, json(content));
}

/** Writes the state of a validator that has signed nothing, unless there is a state: going back would mean to sign twice. */
export function writeValidatorState(path: string): void {
  if (!existsSync(path)) writeFileAtomically(path, json({ height: "0", round: 0, step: 0 }));
}

/** Reads node_key.json or priv_validator_key.json. Throws an Error that names the file. */
export function readPrivateKey(path: string): Ed25519Key {
  const source = readFileIfThere(path);
  if (source === undefined) throw new Error(`${path} is not there: run interfirmd init first, or give --home`);
  const { priv_key } = parseJson(path, source) as {
    readonly priv_key?: { readonly type?: string; readonly value?: string };
  };
  const bytes = Buffer.from(priv_key?.value ?? "", "base64");
  if (priv_key?.type !== "tendermint/PrivKeyEd25519" || bytes.length !== 64) {
    throw new Error(
      `${path} holds a ${priv_key?.type ?? "file without key"}, want a tendermint/PrivKeyEd25519 of 64 bytes`,
    );
  }
  return ed25519FromSeed(new Uint8Array(bytes.subarray(0, 32)));
}

/** Loads a key file, or makes it. */
export function loadOrCreate(
  path: string,
  write: (path: string, key: Ed25519Key) => void,
  fresh = generateEd25519,
): Ed25519Key {
  if (existsSync(path)) return readPrivateKey(path);
  const key = fresh();
  write(path, key);
  return key;
}

/** The height that priv_validator_state.json says was signed last; 0 without the file. */
export function lastSignedHeight(path: string): bigint {
  const source = readFileIfThere(path);
  if (source === undefined) return 0n;
  const { height } = parseJson(path, source) as { readonly height?: unknown };
  if (typeof height !== "string" || !/^[0-9]{1,19}$/.test(height)) {
    throw new Error(`${path} has height ${JSON.stringify(height)}, want decimal text`);
  }
  return BigInt(height);
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
