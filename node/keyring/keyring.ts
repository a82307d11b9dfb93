/** Where keys are kept: in files under a passphrase, in files in the open (for tests), or in memory. */

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { addressBytes, type PubKey } from "@interfirm/modules/auth/pubkey";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { KeyringBackend } from "../config/client-toml.ts";
import { readFileIfThere, writeFileAtomically } from "../config/files.ts";
import { pubKeyFromJson, pubKeyToJson } from "./pubkey-json.ts";
import { checkKeyName, fileNameOf, type KeyRecord } from "./record.ts";
import { deriveKey, type KdfParams, newKdfParams, open, seal } from "./seal.ts";

export interface Keyring {
  readonly backend: KeyringBackend;
  /** By name. */
  list(): readonly KeyRecord[];
  get(name: string): KeyRecord | undefined;
  /** `address` is the raw bytes. */
  byAddress(address: Uint8Array): KeyRecord | undefined;
  /** Keeps a secp256k1 private key of 32 bytes. Rejects when the name or the key is taken. */
  addLocal(name: string, privateKey: Uint8Array): Promise<KeyRecord>;
  /** Keeps a public key. Throws when the name or the key is taken. */
  addPublic(name: string, pubKey: PubKey): KeyRecord;
  /** The private key of a local record. Rejects for other records and when the passphrase is wrong. */
  privateKey(name: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): void;
}

export interface KeyringOptions {
  readonly backend: KeyringBackend;
  /** Folder that holds `keyring-file/` and `keyring-test/`: the node's home, or `--keyring-dir`. */
  readonly folder: string;
  /** Asked at most once. `fresh`: the keyring is made with this passphrase. */
  readonly passphrase: (fresh: boolean) => Promise<string>;
}

const PASSPHRASE_CHARACTERS_MIN = 8;

interface Vault {
  put(privateKey: Uint8Array, context: string): Promise<string>;
  take(kept: string, context: string): Promise<Uint8Array>;
}

/** What a key file holds. `secret` is sealed in a `file` keyring, plain base64 in a `test` keyring. */
interface StoredKey {
  readonly version: 1;
  readonly name: string;
  readonly type: KeyRecord["kind"];
  readonly pubkey: unknown;
  readonly secret?: string;
}

interface Shelf {
  names(): readonly string[];
  read(name: string): StoredKey | undefined;
  nameOf(address: Uint8Array): string | undefined;
  write(key: StoredKey, address: Uint8Array): void;
  remove(name: string, address: Uint8Array): void;
}

/** Throws an Error for the `os` backend, which needs what Node does not have. */
export function openKeyring(options: KeyringOptions): Keyring {
  const { backend, folder } = options;
  if (backend === "os") {
    throw new Error(
      'keyring-backend is "os", which interfirmd cannot use: want "file" (encrypted with a passphrase) or "test" (unprotected)',
    );
  }
  if (backend === "memory") return keyringOn(backend, memoryShelf(), openVault);
  const home = join(folder, `keyring-${backend}`);
  return keyringOn(
    backend,
    fileShelf(home),
    backend === "test" ? openVault : passphraseVault(home, options.passphrase),
  );
}

/** What is bound to a sealed key: the file cannot be given another name or public key. */
const contextOf = (name: string, pubKey: PubKey): string => JSON.stringify([name, pubKeyToJson(pubKey)]);

function keyringOn(backend: KeyringBackend, shelf: Shelf, vault: Vault): Keyring {
  const toRecord = (stored: StoredKey): KeyRecord => ({
    name: stored.name,
    kind: stored.type,
    pubKey: pubKeyFromJson(stored.pubkey),
  });
  function get(name: string): KeyRecord | undefined {
    const stored = shelf.read(name);
    return stored && toRecord(stored);
  }
  function need(name: string): StoredKey {
    const stored = shelf.read(name);
    if (!stored)
      throw new Error(`key ${JSON.stringify(name)} is not in the keyring "${backend}": see interfirmd keys list`);
    return stored;
  }
  function requireFree(name: string, pubKey: PubKey): void {
    checkKeyName(name);
    if (shelf.read(name)) throw new Error(`key name ${JSON.stringify(name)} is taken: delete or rename that key first`);
    const holder = shelf.nameOf(addressBytes(pubKey));
    if (holder !== undefined) throw new Error(`the same key is in the keyring already, as ${JSON.stringify(holder)}`);
  }
  return {
    backend,
    get,
    list: () =>
      shelf
        .names()
        .map((name) => toRecord(need(name)))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    byAddress(address) {
      const name = shelf.nameOf(address);
      return name === undefined ? undefined : get(name);
    },
    async addLocal(name, privateKey) {
      const pubKey: PubKey = { type: "secp256k1", key: secp256k1.getPublicKey(privateKey, true) };
      requireFree(name, pubKey);
      const secret = await vault.put(privateKey, contextOf(name, pubKey));
      shelf.write({ version: 1, name, type: "local", pubkey: pubKeyToJson(pubKey), secret }, addressBytes(pubKey));
      return { name, kind: "local", pubKey };
    },
    addPublic(name, pubKey) {
      requireFree(name, pubKey);
      const kind = pubKey.type === "multisig" ? "multi" : "offline";
      shelf.write({ version: 1, name, type: kind, pubkey: pubKeyToJson(pubKey) }, addressBytes(pubKey));
      return { name, kind, pubKey };
    },
    async privateKey(name) {
      const stored = need(name);
      if (stored.secret === undefined)
        throw new Error(`key ${JSON.stringify(name)} is ${stored.type}: it has no private key here`);
      return vault.take(stored.secret, contextOf(name, pubKeyFromJson(stored.pubkey)));
    },
    async rename(from, to) {
      checkKeyName(to);
      const stored = need(from);
      if (shelf.read(to)) throw new Error(`key name ${JSON.stringify(to)} is taken: delete or rename that key first`);
      const pubKey = pubKeyFromJson(stored.pubkey);
      const address = addressBytes(pubKey);
      if (stored.secret === undefined) shelf.write({ ...stored, name: to }, address);
      else {
        const privateKey = await vault.take(stored.secret, contextOf(from, pubKey));
        shelf.write({ ...stored, name: to, secret: await vault.put(privateKey, contextOf(to, pubKey)) }, address);
      }
      shelf.remove(from, address);
    },
    remove(name) {
      shelf.remove(name, addressBytes(pubKeyFromJson(need(name).pubkey)));
    },
  };
}

/** Keeps keys as they are. */
const openVault: Vault = {
  put: async (privateKey) => Buffer.from(privateKey).toString("base64"),
  take: async (kept) => new Uint8Array(Buffer.from(kept, "base64")),
};

/** `keyring.json`: the key that seals all others, itself sealed under the passphrase. */
interface StoredVault {
  readonly version: 1;
  readonly kdf: KdfParams;
  readonly key: string;
}

const VAULT_CONTEXT = "interfirm keyring";

function passphraseVault(folder: string, ask: KeyringOptions["passphrase"]): Vault {
  const path = join(folder, "keyring.json");
  let master: Promise<Uint8Array> | undefined;

  async function unlock(): Promise<Uint8Array> {
    const source = readFileIfThere(path);
    const passphrase = await ask(source === undefined);
    if (source === undefined) {
      if (passphrase.length < PASSPHRASE_CHARACTERS_MIN) {
        throw new Error(`passphrase has ${passphrase.length} characters, want at least ${PASSPHRASE_CHARACTERS_MIN}`);
      }
      const kdf = newKdfParams();
      const fresh = new Uint8Array(randomBytes(32));
      const key = seal(await deriveKey(passphrase, kdf), fresh, VAULT_CONTEXT);
      makeFolder(folder);
      writeFileAtomically(path, `${JSON.stringify({ version: 1, kdf, key } satisfies StoredVault, undefined, 2)}\n`);
      return fresh;
    }
    const stored = JSON.parse(source) as StoredVault;
    const key = open(await deriveKey(passphrase, stored.kdf), stored.key, VAULT_CONTEXT);
    if (!key) throw new Error("passphrase is wrong for this keyring");
    return key;
  }

  const key = () => {
    master ??= unlock();
    return master;
  };
  return {
    put: async (privateKey, context) => seal(await key(), privateKey, context),
    async take(kept, context) {
      const privateKey = open(await key(), kept, context);
      if (!privateKey) throw new Error(`the key file of ${context.slice(0, 60)}… was changed: it does not open`);
      return privateKey;
    },
  };
}

const makeFolder = (folder: string): void => void mkdirSync(folder, { recursive: true, mode: 0o700 });

/** One file a key, and one file an address that holds the key's name. */
function fileShelf(folder: string): Shelf {
  const keyFile = (name: string) => join(folder, `${fileNameOf(name)}.key`);
  const addressFile = (address: Uint8Array) => join(folder, `${Buffer.from(address).toString("hex")}.address`);
  return {
    names() {
      try {
        return readdirSync(folder)
          .filter((file) => file.endsWith(".key"))
          .map((file) => decodeURIComponent(file.slice(0, -".key".length)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    },
    read(name) {
      const source = readFileIfThere(keyFile(name));
      return source === undefined ? undefined : (JSON.parse(source) as StoredKey);
    },
    nameOf: (address) => readFileIfThere(addressFile(address))?.trim(),
    write(key, address) {
      makeFolder(folder);
      writeFileAtomically(keyFile(key.name), `${JSON.stringify(key, undefined, 2)}\n`);
      writeFileAtomically(addressFile(address), `${key.name}\n`);
    },
    remove(name, address) {
      unlinkSync(keyFile(name));
      if (this.nameOf(address) === name) rmSync(addressFile(address), { force: true });
    },
  };
}

function memoryShelf(): Shelf {
  const keys = new Map<string, StoredKey>();
  const names = new Map<string, string>();
  const hex = (address: Uint8Array) => Buffer.from(address).toString("hex");
  return {
    names: () => [...keys.keys()],
    read: (name) => keys.get(name),
    nameOf: (address) => names.get(hex(address)),
    write(key, address) {
      keys.set(key.name, key);
      names.set(hex(address), key.name);
    },
    remove(name, address) {
      keys.delete(name);
      if (names.get(hex(address)) === name) names.delete(hex(address));
    },
  };
}
