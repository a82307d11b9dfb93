/**
 * A verifier of ICS-23 proofs for the two trees of a Cosmos multistore: `ics23:iavl` (a module's store) and
 * `ics23:simple` (the root of roots, whose root is the app hash).
 *
 * It takes only the one shape that honest trees have. Every byte of every inner node is accounted for, so that a node
 * cannot pass for another (ICS-23 "Dragonberry", 2022): this is narrower than the reference (cosmos/ics23 go v0.11).
 * Only neighbours with empty values are taken where the reference has none.
 */
import {
  CommitmentProof,
  type ExistenceProof,
  HashOp,
  type InnerOp,
  LengthOp,
} from "@interfirm/proto/gen/cosmos/ics23/v1";
import { WireError } from "@interfirm/proto/runtime";
import { compareBytes, concat, equalBytes, sha256 } from "./bytes.ts";
import { clientError } from "./errors.ts";

/** What tells one kind of tree from another. */
export interface TreeSpec {
  readonly name: string;
  /** Nodes between leaf and root. A tree of 2^64 keys stays well below. */
  readonly depthMax: number;
  /** Throws unless the leaf's prefix is the tree's. */
  checkLeafPrefix(prefix: Uint8Array): void;
  /** On which side of this inner node the path comes up. Throws unless the node has the tree's exact form. */
  side(op: InnerOp, layer: number): "left" | "right";
}

const { NO_HASH, SHA256 } = HashOp;
const { VAR_PROTO } = LengthOp;
const HASH_BYTES = 32;
/** Keys and values are bounded by the chain; this only stops nonsense early. */
const BYTES_MAX = 4 * 1024 * 1024;

const badProof = (why: string) => clientError("badProof", `proof: ${why}`);

/** Signed (zigzag) varint at `offset`, non-negative and minimal, as Go's `binary.PutVarint` writes it. */
function readVarint(bytes: Uint8Array, offset: number): readonly [value: bigint, next: number] {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw badProof("node prefix ends within a number");
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte >= 0x80) continue;
    if (byte === 0 && i > 0) throw badProof("number in a node prefix is not minimal");
    if (value >> 64n !== 0n) throw badProof("number in a node prefix is over 64 bits");
    if (value & 1n) throw badProof("number in a node prefix is negative");
    return [value >> 1n, offset + i + 1];
  }
  throw badProof("number in a node prefix is over 64 bits");
}

/** Height, size and version at the head of an IAVL node, and where they end. */
function readIavlHead(prefix: Uint8Array) {
  const [height, afterHeight] = readVarint(prefix, 0);
  const [size, afterSize] = readVarint(prefix, afterHeight);
  const [version, end] = readVarint(prefix, afterSize);
  return { height, size, version, end };
}

/** Inner node: height, size, version, then each child's hash behind its length byte. Source: iavl v1.2 `node.go`, `writeHashBytes`. */
export const iavlSpec: TreeSpec = {
  name: "ics23:iavl",
  depthMax: 128,
  checkLeafPrefix(prefix) {
    const { height, size, end } = readIavlHead(prefix);
    if (height !== 0n || size !== 1n || end !== prefix.length) throw badProof("leaf is not an IAVL leaf");
  },
  side({ prefix, suffix }, layer) {
    const { height, end } = readIavlHead(prefix);
    if (height < BigInt(layer)) throw badProof(`node has height ${height} at layer ${layer} above the leaf`);
    const rest = prefix.length - end;
    if (rest === 1 && prefix[end] === HASH_BYTES && suffix.length === HASH_BYTES + 1 && suffix[0] === HASH_BYTES) {
      return "left";
    }
    const right = rest === HASH_BYTES + 2 && prefix[end] === HASH_BYTES && prefix[end + HASH_BYTES + 1] === HASH_BYTES;
    if (right && suffix.length === 0) return "right";
    throw badProof("node is not an IAVL inner node");
  },
};

/** Inner node: 0x01, left hash, right hash. Source: RFC 6962, CometBFT v0.38 `crypto/merkle`. */
export const simpleSpec: TreeSpec = {
  name: "ics23:simple",
  depthMax: 64,
  checkLeafPrefix(prefix) {
    if (prefix.length !== 1 || prefix[0] !== 0) throw badProof("leaf is not a simple Merkle leaf");
  },
  side({ prefix, suffix }) {
    if (prefix[0] === 1) {
      if (prefix.length === 1 && suffix.length === HASH_BYTES) return "left";
      if (prefix.length === 1 + HASH_BYTES && suffix.length === 0) return "right";
    }
    throw badProof("node is not a simple Merkle inner node");
  },
};

function varintLength(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.from([...bytes, rest]);
}

/** Root that the proof's leaf leads to, and the side taken at each node, leaf first. */
function climb(spec: TreeSpec, proof: ExistenceProof) {
  const { key, value, leaf, path } = proof;
  if (!leaf) throw badProof("leaf is missing");
  if (key.length === 0) throw badProof("key is empty");
  if (key.length > BYTES_MAX || value.length > BYTES_MAX) throw badProof("key or value is over 4 MiB");
  if (path.length > spec.depthMax) throw badProof(`path has ${path.length} nodes, want at most ${spec.depthMax}`);
  const plain = leaf.hash === SHA256 && leaf.prehashKey === NO_HASH;
  if (!plain || leaf.prehashValue !== SHA256 || leaf.length !== VAR_PROTO) throw badProof("leaf is hashed another way");
  spec.checkLeafPrefix(leaf.prefix);
  let hash = sha256(concat(leaf.prefix, varintLength(key.length), key, varintLength(HASH_BYTES), sha256(value)));
  const sides: ("left" | "right")[] = [];
  path.forEach((op, index) => {
    if (op.hash !== SHA256) throw badProof("node is hashed another way");
    sides.push(spec.side(op, index + 1));
    hash = sha256(concat(op.prefix, hash, op.suffix));
  });
  return { root: hash, sides };
}

/** Throws `client/badProof` when the bytes are no proof. */
export function decodeProof(bytes: Uint8Array): CommitmentProof {
  try {
    return CommitmentProof.decode(bytes);
  } catch (cause) {
    if (cause instanceof WireError) throw badProof(cause.message);
    throw cause;
  }
}

function expectRoot(got: Uint8Array, root: Uint8Array): void {
  if (root.length !== HASH_BYTES || !equalBytes(got, root)) throw badProof("it leads to another root");
}

/** Throws `client/badProof` unless the tree with this root holds `value` at `key`. */
export function verifyExistence(
  spec: TreeSpec,
  proof: CommitmentProof,
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
): void {
  const { exist, nonexist } = proof;
  if (!exist || nonexist) throw badProof("it is no existence proof");
  if (value.length === 0) throw badProof("value is empty");
  if (!equalBytes(exist.key, key)) throw badProof("it is about another key");
  if (!equalBytes(exist.value, value)) throw badProof("it is about another value");
  expectRoot(climb(spec, exist).root, root);
}

/**
 * Throws `client/badProof` unless the tree with this root has nothing at `key`. A proof for an empty tree does not exist.
 * A neighbour may have an empty value, as entries of indexes have: its hash binds its key all the same. The reference
 * refuses such a proof, though it is sound.
 */
export function verifyAbsence(spec: TreeSpec, proof: CommitmentProof, root: Uint8Array, key: Uint8Array): void {
  const { exist, nonexist } = proof;
  if (!nonexist || exist) throw badProof("it is no absence proof");
  const { left, right } = nonexist;
  if (key.length === 0) throw badProof("key is empty");
  if (!left && !right) throw badProof("it has no neighbour");
  const leftSides = left && neighbour(spec, left, root);
  const rightSides = right && neighbour(spec, right, root);
  if (left && compareBytes(left.key, key) >= 0) throw badProof("left neighbour is not left of the key");
  if (right && compareBytes(right.key, key) <= 0) throw badProof("right neighbour is not right of the key");
  if (!leftSides) {
    if (!rightSides!.every((side) => side === "left")) throw badProof("right neighbour is not the first leaf");
  } else if (!rightSides) {
    if (!leftSides.every((side) => side === "right")) throw badProof("left neighbour is not the last leaf");
  } else {
    checkAdjacent(left, leftSides, right!, rightSides);
  }
}

function neighbour(spec: TreeSpec, proof: ExistenceProof, root: Uint8Array) {
  const { root: got, sides } = climb(spec, proof);
  expectRoot(got, root);
  return sides;
}

type Sides = readonly ("left" | "right")[];

/** Below the node where the two paths part, left takes only right turns and right only left turns. */
function checkAdjacent(left: ExistenceProof, leftSides: Sides, right: ExistenceProof, rightSides: Sides): void {
  let l = left.path.length - 1;
  let r = right.path.length - 1;
  while (l >= 0 && r >= 0 && sameOp(left.path[l]!, right.path[r]!)) {
    l--;
    r--;
  }
  const parted = l >= 0 && r >= 0 && leftSides[l] === "left" && rightSides[r] === "right";
  const inner = leftSides.slice(0, Math.max(l, 0)).every((side) => side === "right");
  if (!parted || !inner || !rightSides.slice(0, Math.max(r, 0)).every((side) => side === "left")) {
    throw badProof("its neighbours are not next to each other");
  }
}

const sameOp = (a: InnerOp, b: InnerOp): boolean => equalBytes(a.prefix, b.prefix) && equalBytes(a.suffix, b.suffix);
