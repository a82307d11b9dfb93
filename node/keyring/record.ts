import type { PubKey } from "@interfirm/modules/auth/pubkey";

/** `local` has its private key here, `offline` is only a public key, `multi` a multisig key of several. */
export type KeyKind = "local" | "offline" | "multi";

export interface KeyRecord {
  readonly name: string;
  readonly kind: KeyKind;
  readonly pubKey: PubKey;
}

const NAME_CHARACTERS_MAX = 128;

/** Throws an Error for a name that cannot be told from an address, is too long, or has control characters. */
export function checkKeyName(name: string): void {
  if (name.trim() === "" || name.length > NAME_CHARACTERS_MAX) {
    throw new Error(`key name has ${name.length} characters, want 1 to ${NAME_CHARACTERS_MAX}`);
  }
  for (const char of name) {
    const code = char.codePointAt(0) as number;
    if (code < 32 || code === 127) throw new Error(`key name has the control character ${code}, want printable text`);
  }
}

/** A file name for any key name, one for each. */
export const fileNameOf = (name: string): string =>
  encodeURIComponent(name).replace(/^\./, "%2E").replaceAll("*", "%2A").replaceAll("~", "%7E");
