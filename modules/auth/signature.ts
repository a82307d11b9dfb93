import { type CompactBitArray, MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import type { ModeInfo } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { WireError } from "@interfirm/proto/runtime";
import { checkWire } from "@interfirm/proto/strict";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { MultisigKey, PubKey } from "./pubkey.ts";

/**
 * Checks signatures. The node passes a native one; modules stay pure.
 * Both answer false, and never throw, for a key or a signature of any other length or form.
 */
export interface Verifier {
  /** ECDSA over SHA-256 of `message`: `signature` is r ‖ s, 64 bytes, with s in the lower half of the order. */
  secp256k1(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** RFC 8032 over `message`: 64 bytes. */
  ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What a signer handed in: one signature, or those of some members of a multisig. */
export type SignatureData = SingleSignature | MultisigSignature;

export interface SingleSignature {
  readonly kind: "single";
  /** `SignMode` number, which may be unknown. */
  readonly mode: number;
  readonly signature: Uint8Array;
}

export interface MultisigSignature {
  readonly kind: "multisig";
  /** One bit a key of the multisig, set for those who signed. */
  readonly bits: CompactBitArray | undefined;
  /** In the order of the set bits. */
  readonly members: readonly SignatureData[];
}

/** How deep multisig signatures may nest, and how many members each may have. Source: SDK 0.53.8 x/auth/ante/sigverify.go. */
const NESTING_MAX = 2;
const MEMBERS_MAX = 32;

/** Joins a signer's mode with the signature bytes. Throws `sdk/14` past the limits, `sdk/4` when the two do not fit. */
export function readSignature(modeInfo: ModeInfo | undefined, signature: Uint8Array, depth = 0): SignatureData {
  if (depth > NESTING_MAX) throw sdkError.maxSignatures(`signatures nest deeper than ${NESTING_MAX}`);
  if (modeInfo?.single) return { kind: "single", mode: modeInfo.single.mode, signature };
  if (!modeInfo?.multi) throw sdkError.unauthorized("signer has no mode info, want single or multi");
  const { bitarray, modeInfos } = modeInfo.multi;
  if (modeInfos.length > MEMBERS_MAX) {
    throw sdkError.maxSignatures(`multisig has ${modeInfos.length} signatures, want at most ${MEMBERS_MAX}`);
  }
  const signatures = readMultisignature(signature);
  if (signatures.length !== modeInfos.length) {
    throw sdkError.unauthorized(`expected ${modeInfos.length} multisig signatures, got ${signatures.length}`);
  }
  const members = modeInfos.map((mode, index) => readSignature(mode, signatures[index]!, depth + 1));
  return { kind: "multisig", bits: bitarray, members };
}

function readMultisignature(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    // Nobody signs these bytes: in another form they would make another transaction of the same signatures.
    checkWire(MultiSignature, bytes, { canonical: true });
    return MultiSignature.decode(bytes).signatures;
  } catch (cause) {
    if (cause instanceof WireError) throw sdkError.unauthorized(`multisig signature does not parse: ${cause.message}`);
    throw cause;
  }
}

/** Every signature in it, as events list them: the members' and, for a multisig, also their aggregate. */
export function flattenSignature(data: SignatureData): readonly Uint8Array[] {
  if (data.kind === "single") return [data.signature];
  const signatures = data.members.flatMap(flattenSignature);
  return [...signatures, MultiSignature.encode({ signatures }).finish()];
}

/** Whether something is missing that the gas of a simulation has to assume. */
export function isIncomplete(data: SignatureData): boolean {
  if (data.kind === "single") return data.signature.length === 0;
  return data.members.length === 0 || data.members.some(isIncomplete);
}

/** Whether all of it was signed in amino JSON, whose document tells neither the sequence nor the mode in the transaction. */
export function isAminoOnly(data: SignatureData, aminoMode: number): boolean {
  if (data.kind === "single") return data.mode === aminoMode;
  return data.members.every((member) => isAminoOnly(member, aminoMode));
}

/**
 * The members that signed, each with its key. Throws `sdk/4` when bits, keys and signatures do not fit one another.
 * The bits come from the transaction: nothing may index by them before this.
 */
export function signingMembers(
  pubKey: MultisigKey,
  { bits, members }: MultisigSignature,
): readonly (readonly [key: PubKey, data: SignatureData])[] {
  const size = bitCount(bits);
  if (size !== pubKey.keys.length) {
    throw sdkError.unauthorized(`bit array size is ${size}, want ${pubKey.keys.length}`);
  }
  const signing: (readonly [PubKey, SignatureData])[] = [];
  for (let index = 0; index < size; index++) {
    if (!isSet(bits, index)) continue;
    const data = members[signing.length];
    if (!data) throw sdkError.unauthorized(`multisig has ${members.length} signatures, want one for each set bit`);
    signing.push([pubKey.keys[index]!, data]);
  }
  if (signing.length !== members.length) {
    throw sdkError.unauthorized(`multisig has ${members.length} signatures, want ${signing.length} as bits are set`);
  }
  return signing;
}

/** Bits in the array, or −1 for one whose parts contradict each other. */
function bitCount(bits: CompactBitArray | undefined): number {
  if (!bits) return 0;
  const { extraBitsStored: extra, elems } = bits;
  if (extra === 0) return elems.length * 8;
  if (extra > 7 || elems.length === 0) return -1;
  const padding = elems[elems.length - 1]! & (0xff >> extra);
  return padding === 0 ? (elems.length - 1) * 8 + extra : -1;
}

const isSet = (bits: CompactBitArray | undefined, index: number): boolean =>
  ((bits?.elems[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;

/**
 * Verifies it against the signer's key. Returns what is wrong, or undefined when it is valid.
 * `signBytes` gives the document of a sign mode; its error passes on.
 */
export function verifySignature(
  verifier: Verifier,
  pubKey: PubKey,
  data: SignatureData,
  signBytes: (mode: number) => Uint8Array,
): string | undefined {
  if (data.kind === "single") {
    if (pubKey.type === "multisig") return "expected a multisig signature, got a single one";
    const valid = verifier[pubKey.type](pubKey.key, signBytes(data.mode), data.signature);
    return valid ? undefined : "unable to verify single signer signature";
  }
  if (pubKey.type !== "multisig") return `expected a single signature for a ${pubKey.type} key, got a multisig one`;
  const signing = signingMembers(pubKey, data);
  if (signing.length < pubKey.threshold) {
    return `not enough signatures set, have ${signing.length}, expected ${pubKey.threshold}`;
  }
  for (const [key, member] of signing) {
    const problem = verifySignature(verifier, key, member, signBytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
