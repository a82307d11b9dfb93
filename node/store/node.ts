/**
 * Nodes of an IAVL tree and their hashes, as cosmos/iavl v1.2.2 computes them (`node.go`, `writeHashBytes`).
 *
 * A node without a hash belongs to the working tree and may be changed in place; a hashed node never changes, and any
 * number of versions share it.
 */
import { hash } from "node:crypto";
import { type ByteText, putText, putUvarint, putVarint, toText } from "./bytes.ts";

/** An entry. Height 0, size 1. */
export class Leaf {
  readonly height = 0;
  readonly key: ByteText;
  value: ByteText;
  /** Height of the block that wrote it. */
  version: number;
  /** 32 bytes, or empty while not computed. */
  hash: ByteText = "";

  constructor(key: ByteText, value: ByteText, version: number) {
    this.key = key;
    this.value = value;
    this.version = version;
  }
}

/** A branch. `key` is the smallest key under `right`; it is not hashed. */
export class Inner {
  key: ByteText;
  left: Node;
  right: Node;
  /** One more than the higher child's. */
  height: number;
  /** Leaves below. */
  size: number;
  version: number;
  hash: ByteText = "";

  constructor(key: ByteText, left: Node, right: Node, height: number, size: number, version: number) {
    this.key = key;
    this.left = left;
    this.right = right;
    this.height = height;
    this.size = size;
    this.version = version;
  }
}

export type Node = Leaf | Inner;

export const isLeaf = (node: Node): node is Leaf => node.height === 0;

export const sizeOf = (node: Node): number => (isLeaf(node) ? 1 : node.size);

/** The hash of an empty tree: SHA-256 of nothing. */
export const EMPTY_HASH: ByteText = hash("sha256", new Uint8Array(0), "binary");

const SCRATCH_BYTES = 65_536;
const scratch = Buffer.alloc(SCRATCH_BYTES);
const SMALL_VIEWS = 1024;
/** `scratch.subarray(0, n)` by `n`: making the view anew costs a tenth of the hash. */
const views: Buffer[] = Array.from({ length: SMALL_VIEWS }, (_, n) => scratch.subarray(0, n));

const sha256 = (length: number): ByteText =>
  hash("sha256", length < SMALL_VIEWS ? views[length]! : scratch.subarray(0, length), "binary");

/** SHA-256 of byte text, as byte text. */
export function hashText(text: ByteText): ByteText {
  if (text.length > SCRATCH_BYTES) return hash("sha256", Buffer.from(text, "latin1"), "binary");
  putText(scratch, text, 0);
  return sha256(text.length);
}

export const hashBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash("sha256", bytes, "buffer"));

/** Length byte of a 32-byte hash inside a node's preimage. */
const HASH_LENGTH = 32;

function hashLeaf(leaf: Leaf): ByteText {
  const valueHash = hashText(leaf.value);
  const { key } = leaf;
  if (key.length > SCRATCH_BYTES - 64) return hashLongLeaf(leaf, valueHash);
  scratch[0] = 0; // height
  scratch[1] = 2; // size 1, zigzag
  let at = putVarint(scratch, leaf.version, 2);
  at = putUvarint(scratch, key.length, at);
  at = putText(scratch, key, at);
  scratch[at++] = HASH_LENGTH;
  at = putText(scratch, valueHash, at);
  return sha256(at);
}

function hashLongLeaf(leaf: Leaf, valueHash: ByteText): ByteText {
  const head = Buffer.alloc(32);
  let at = putVarint(head, 0, 0);
  at = putVarint(head, 1, at);
  at = putVarint(head, leaf.version, at);
  at = putUvarint(head, leaf.key.length, at);
  return hashText(toText(head.subarray(0, at)) + leaf.key + String.fromCharCode(HASH_LENGTH) + valueHash);
}

function hashInner(node: Inner): ByteText {
  let at = putVarint(scratch, node.height, 0);
  at = putVarint(scratch, node.size, at);
  at = putVarint(scratch, node.version, at);
  scratch[at++] = HASH_LENGTH;
  at = putText(scratch, node.left.hash, at);
  scratch[at++] = HASH_LENGTH;
  at = putText(scratch, node.right.hash, at);
  return sha256(at);
}

/** Hashes computed since the process started: what a version costs in memory is told by its difference. */
let hashed = 0;
export const hashedNodes = (): number => hashed;

/**
 * Fills in the missing hashes under `node` and returns its own. With `version`, every node without a hash gets it first:
 * iavl gives all nodes that a block made the block's height. Recursion goes as deep as the tree is high (1.44 log2 n).
 * Cost: about 0.3 µs an inner node, 0.6 µs a leaf.
 */
export function hashNode(node: Node, version?: number): ByteText {
  if (node.hash !== "") return node.hash;
  if (version !== undefined) node.version = version;
  hashed++;
  if (isLeaf(node)) {
    node.hash = hashLeaf(node);
    return node.hash;
  }
  if (node.left.hash === "") hashNode(node.left, version);
  if (node.right.hash === "") hashNode(node.right, version);
  node.hash = hashInner(node);
  return node.hash;
}

/** Nodes hashed between two chances to rest. */
const HASHES_PER_PAUSE = 512;

/** As {@link hashNode}, for roots of any amount of work: yields now and then so that the caller can rest. */
export function* hashInSteps(root: Node): Generator<void> {
  const stack: Node[] = [root];
  for (let step = 1; stack.length > 0; step++) {
    const node = stack[stack.length - 1]!;
    if (isLeaf(node) || (node.left.hash !== "" && node.right.hash !== "")) {
      hashNode(node);
      stack.pop();
    } else {
      stack.push(node.left.hash === "" ? node.left : node.right);
    }
    if (step % HASHES_PER_PAUSE === 0) yield;
  }
}

export const rootHash = (root: Node | undefined): ByteText => (root === undefined ? EMPTY_HASH : hashNode(root));
