/**
 * ICS-23 proofs that a key has a value, or is absent, at a committed height: first in its store's tree (`ics23:iavl`,
 * as iavl v1.2.2 `proof_ics23.go`), then of the store's root in the app hash (`ics23:simple`, as cosmossdk.io/store
 * v1.1.2 `types/proof.go`).
 */
import {
  CommitmentProof,
  type ExistenceProof,
  HashOp,
  type InnerOp,
  LengthOp,
} from "@interfirm/proto/gen/cosmos/ics23/v1";
import type { ProofOp } from "@interfirm/proto/gen/tendermint/crypto";
import { type ByteText, putText, putVarint, toBytes, toText } from "./bytes.ts";
import { StoreError } from "./errors.ts";
import { merklePath, type StoreRoot } from "./merkle.ts";
import { type Inner, isLeaf, type Leaf, type Node } from "./node.ts";
import { findLeaf, findNeighbours } from "./tree.ts";
import type { ReadView } from "./version.ts";

const HASH_LENGTH = 32;
const NOTHING = new Uint8Array(0);

/** Three varints of up to 8 bytes, a hash and two length bytes. */
const PREFIX_BYTES_MAX = 64;

/** `height | size | version`: how the preimage of every node begins. */
function nodeHead(height: number, size: number, version: number): { readonly bytes: Buffer; readonly end: number } {
  const bytes = Buffer.alloc(PREFIX_BYTES_MAX);
  const end = putVarint(bytes, version, putVarint(bytes, size, putVarint(bytes, height, 0)));
  return { bytes, end };
}

function innerOp(node: Inner, wentLeft: boolean): InnerOp {
  const { bytes, end } = nodeHead(node.height, node.size, node.version);
  let at = end;
  bytes[at++] = HASH_LENGTH;
  if (!wentLeft) {
    at = putText(bytes, node.left.hash, at);
    bytes[at++] = HASH_LENGTH;
  }
  const suffix = wentLeft ? toBytes(String.fromCharCode(HASH_LENGTH) + node.right.hash) : NOTHING;
  return { hash: HashOp.SHA256, prefix: new Uint8Array(bytes.subarray(0, at)), suffix };
}

/** The key must be in the tree. */
function existence(root: Node, key: ByteText): ExistenceProof {
  const path: InnerOp[] = [];
  let node = root;
  while (!isLeaf(node)) {
    const wentLeft = key < node.key;
    path.push(innerOp(node, wentLeft));
    node = wentLeft ? node.left : node.right;
  }
  const { bytes, end } = nodeHead(0, 1, node.version);
  const leaf = {
    hash: HashOp.SHA256,
    prehashKey: HashOp.NO_HASH,
    prehashValue: HashOp.SHA256,
    length: LengthOp.VAR_PROTO,
    prefix: new Uint8Array(bytes.subarray(0, end)),
  };
  return { key: toBytes(node.key), value: toBytes(node.value), leaf, path: path.reverse() };
}

const existenceOf = (root: Node | undefined, leaf: Leaf | undefined): ExistenceProof | undefined =>
  root === undefined || leaf === undefined ? undefined : existence(root, leaf.key);

/**
 * Existence, or absence by the neighbours on both sides. In an empty tree there is no neighbour, and the proof of absence
 * names neither, as the SDK's: verifiers refuse it.
 */
export function commitmentProof(root: Node | undefined, key: Uint8Array): CommitmentProof {
  const text = toText(key);
  const leaf = findLeaf(root, text);
  if (leaf !== undefined) return { exist: existenceOf(root, leaf) };
  const { before, after } = findNeighbours(root, text);
  return { nonexist: { key, left: existenceOf(root, before), right: existenceOf(root, after) } };
}

const SIMPLE_INNER = Uint8Array.of(1);

/** That the app hash holds the store's root under its name. Throws `stores` for a store that is not there. */
function storeProof(stores: readonly StoreRoot[], name: string): CommitmentProof {
  const steps = merklePath(stores, name);
  const store = stores.find((candidate) => candidate.name === name);
  if (steps === undefined || store === undefined) throw new StoreError("stores", `store ${name} does not exist`);
  const path = steps.map(({ sibling, siblingIsRight }) => ({
    hash: HashOp.SHA256,
    prefix: siblingIsRight ? SIMPLE_INNER : toBytes(`\x01${sibling}`),
    suffix: siblingIsRight ? toBytes(sibling) : NOTHING,
  }));
  const leaf = {
    hash: HashOp.SHA256,
    prehashKey: HashOp.NO_HASH,
    prehashValue: HashOp.SHA256,
    length: LengthOp.VAR_PROTO,
    prefix: Uint8Array.of(0),
  };
  return { exist: { key: new Uint8Array(Buffer.from(name, "utf8")), value: toBytes(store.hash), leaf, path } };
}

export interface ProvenValue {
  /** Undefined when the key is absent. */
  readonly value: Uint8Array | undefined;
  /** Key to store root, store root to app hash. */
  readonly ops: readonly ProofOp[];
}

/** A key's value at a committed height with its proof up to the height's app hash. Throws `stores`. */
export function prove(view: ReadView, storeKey: string, key: Uint8Array): ProvenValue {
  const value = view.store(storeKey).get(key);
  const inTree = commitmentProof(view.roots.get(storeKey), key);
  const inRoot = storeProof(view.stores, storeKey);
  const ops = [
    { type: "ics23:iavl", key, data: CommitmentProof.encode(inTree).finish() },
    { type: "ics23:simple", key: inRoot.exist!.key, data: CommitmentProof.encode(inRoot).finish() },
  ];
  return { value, ops };
}
