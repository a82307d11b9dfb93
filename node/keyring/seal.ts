/** Secrets under a passphrase: argon2id makes the key, XChaCha20-Poly1305 seals. */
import { randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";

export interface KdfParams {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** Base64, 16 bytes. */
  readonly salt: string;
}

/** About 0.2 s on one core. OWASP and RFC 9106 ask for less. */
export const newKdfParams = (): KdfParams => ({
  memoryKiB: 64 * 1024,
  iterations: 3,
  parallelism: 4,
  salt: randomBytes(16).toString("base64"),
});

const MEMORY_KIB_MAX = 4 * 1024 * 1024;

/** 32 bytes. Throws an Error for parameters that are weaker than ours, or that would take the machine down. */
export async function deriveKey(passphrase: string, params: KdfParams): Promise<Uint8Array> {
  const { memoryKiB, iterations, parallelism, salt } = params;
  const saltBytes = Buffer.from(salt, "base64");
  const sound = memoryKiB >= 64 * 1024 && memoryKiB <= MEMORY_KIB_MAX && iterations >= 3 && iterations <= 100;
  if (!sound || parallelism < 1 || parallelism > 64 || saltBytes.length < 16) {
    throw new Error(
      `the keyring asks for argon2id with ${memoryKiB} KiB and ${iterations} passes, want 65536 and 3 or more`,
    );
  }
  const { hashRaw } = await import("@node-rs/argon2");
  const key = await hashRaw(passphrase, {
    // argon2id of the package's const enum, which type stripping cannot read.
    algorithm: 2,
    memoryCost: memoryKiB,
    timeCost: iterations,
    parallelism,
    salt: saltBytes,
    outputLen: 32,
  });
  return new Uint8Array(key);
}

const NONCE_BYTES = 24;

/** Nonce and ciphertext in base64. `context` is bound to it: it opens only with the same one. */
export function seal(key: Uint8Array, secret: Uint8Array, context: string): string {
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  const sealed = xchacha20poly1305(key, nonce, Buffer.from(context)).encrypt(secret);
  return Buffer.concat([nonce, sealed]).toString("base64");
}

/** Undefined when the key is the wrong one or the text was changed. */
export function open(key: Uint8Array, sealed: string, context: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Buffer.from(sealed, "base64"));
  if (bytes.length < NONCE_BYTES + 16) return undefined;
  try {
    return xchacha20poly1305(key, bytes.subarray(0, NONCE_BYTES), Buffer.from(context)).decrypt(
      bytes.subarray(NONCE_BYTES),
    );
  } catch {
    return undefined;
  }
}
