/**
 * Whole trees as a stream of nodes, for bases and for state-sync snapshots. It carries versions, so that a tree rebuilt
 * from it has the very hashes. Children stand before their parent, stores in the order of their names:
 *
 *     0x00 | len name                                  → the nodes that follow are of this store
 *     0x01 | uvarint version | len key | len value     → leaf
 *     0x02 | uvarint version                           → inner node over the last two subtrees
 *
 * Height, size and key of an inner node follow from its children. The stream is cut between nodes only.
 */
import { ByteReader, type ByteText, ByteWriter } from "./bytes.ts";
import { compareNames } from "./merkle.ts";
import { hashNode, Inner, isLeaf, Leaf, type Node, sizeOf } from "./node.ts";

const STORE = 0;
const LEAF = 1;
const INNER = 2;

export type Roots = ReadonlyMap<string, Node | undefined>;

/** Nodes between two chances to rest. */
const NODES_PER_PAUSE = 512;

/**
 * Yields pieces of at least `pieceBytes` (the last may be smaller) and, in between, `undefined` as chances to rest. The
 * same trees give the same bytes.
 */
export function* encodeRoots(roots: Roots, pieceBytes: number): Generator<Uint8Array | undefined> {
  const out = new ByteWriter(pieceBytes + 4096);
  for (const name of [...roots.keys()].sort(compareNames)) {
    out.byte(STORE).bytes(Buffer.from(name, "utf8"));
    let count = 0;
    for (const node of childrenFirst(roots.get(name))) {
      if (isLeaf(node)) out.byte(LEAF).uvarint(node.version).text(node.key).text(node.value);
      else out.byte(INNER).uvarint(node.version);
      if (out.length >= pieceBytes) yield out.take();
      else if (++count % NODES_PER_PAUSE === 0) yield undefined;
    }
  }
  if (out.length > 0) yield out.take();
}

function* childrenFirst(root: Node | undefined): Generator<Node> {
  if (root === undefined) return;
  const stack: Node[] = [root];
  // A node is emitted when it comes up after its right child, or is a leaf.
  let last: Node | undefined;
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    if (isLeaf(node) || node.right === last) {
      stack.pop();
      last = node;
      yield node;
    } else if (node.left === last) {
      stack.push(node.right);
    } else {
      stack.push(node.left);
    }
  }
}

interface Subtree {
  readonly node: Node;
  readonly smallest: ByteText;
}

/** Rebuilds trees from the stream and hashes them on the way. Throws RangeError for a stream that is no tree. */
export class RootsDecoder {
  readonly #roots = new Map<string, Node | undefined>();
  #name: string | undefined;
  #stack: Subtree[] = [];
  #lastKey: ByteText | undefined;

  /** Takes a piece, which ends between two nodes. */
  push(piece: Uint8Array): void {
    const input = new ByteReader(piece);
    while (!input.done) this.#item(input);
  }

  /** The roots, by store. Throws RangeError when a tree is unfinished. */
  finish(): Map<string, Node | undefined> {
    this.#closeStore();
    return this.#roots;
  }

  #item(input: ByteReader): void {
    const kind = input.byte();
    if (kind === STORE) {
      this.#closeStore();
      const name = Buffer.from(input.bytes()).toString("utf8");
      if (this.#roots.has(name)) throw new RangeError(`store ${name} comes twice`);
      this.#name = name;
      this.#lastKey = undefined;
      return;
    }
    if (this.#name === undefined) throw new RangeError("node comes before the name of its store");
    const version = input.uvarint();
    if (kind === LEAF) this.#leaf(input.text(), input.text(), version);
    else if (kind === INNER) this.#inner(version);
    else throw new RangeError(`item has kind ${kind}, want 0 to 2`);
  }

  #leaf(key: ByteText, value: ByteText, version: number): void {
    // Hashes do not cover the keys of inner nodes, so order is checked here.
    if (this.#lastKey !== undefined && key <= this.#lastKey) throw new RangeError("keys do not ascend");
    this.#lastKey = key;
    const node = new Leaf(key, value, version);
    hashNode(node);
    this.#stack.push({ node, smallest: key });
  }

  #inner(version: number): void {
    const right = this.#stack.pop();
    const left = this.#stack.pop();
    if (left === undefined || right === undefined) throw new RangeError("inner node has no two children");
    const height = Math.max(left.node.height, right.node.height) + 1;
    const size = sizeOf(left.node) + sizeOf(right.node);
    const node = new Inner(right.smallest, left.node, right.node, height, size, version);
    hashNode(node);
    this.#stack.push({ node, smallest: left.smallest });
  }

  #closeStore(): void {
    if (this.#name === undefined) return;
    if (this.#stack.length > 1) throw new RangeError(`store ${this.#name} has ${this.#stack.length} roots, want one`);
    this.#roots.set(this.#name, this.#stack[0]?.node);
    this.#stack = [];
    this.#name = undefined;
  }
}
