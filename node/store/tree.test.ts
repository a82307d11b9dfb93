import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes, toText } from "./bytes.ts";
import { EMPTY_HASH, isLeaf, type Node, sizeOf } from "./node.ts";
import { Tree, TreeReader } from "./tree.ts";

const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

interface VectorTree {
  readonly name: string;
  /** Of the first version, if not 1. */
  readonly initialVersion?: number;
  readonly versions: readonly {
    readonly ops: readonly { readonly op: "set" | "remove"; readonly key: string; readonly value?: string }[];
    readonly root: string;
  }[];
}

const vectors: readonly VectorTree[] = ["iavl.json", "iavl-random.json"].flatMap((name) =>
  JSON.parse(readFileSync(new URL(`./testdata/${name}`, import.meta.url), "utf8")),
);
const firstOf = ({ initialVersion }: VectorTree): number => initialVersion || 1;

describe("golden vectors of iavl v1.2.2", () => {
  it.each(vectors)("$name has the root of every version", (vector) => {
    const tree = new Tree(undefined, 0);
    for (const [i, { ops, root }] of vector.versions.entries()) {
      for (const { op, key, value } of ops) {
        if (op === "set") tree.set(bytes(key), bytes(value ?? ""));
        else tree.delete(bytes(key));
      }
      expect(hex(tree.hash(firstOf(vector) + i))).toBe(root);
    }
  });

  it("has the same roots when nodes get their version as they are touched and are hashed only at the end", () => {
    for (const vector of vectors) {
      const { versions } = vector;
      const tree = new Tree(undefined, 0);
      for (const [i, { ops }] of versions.entries()) {
        tree.version = firstOf(vector) + i;
        for (const { op, key, value } of ops) {
          if (op === "set") tree.set(bytes(key), bytes(value ?? ""));
          else tree.delete(bytes(key));
        }
      }
      expect(hex(tree.hash())).toBe(versions.at(-1)?.root);
    }
  });
});

/** Height and size are right, siblings differ in height by one at most, and each key is the smallest to its right. */
function checkShape(node: Node): { smallest: string } {
  if (isLeaf(node)) return { smallest: node.key };
  const left = checkShape(node.left);
  const right = checkShape(node.right);
  expect(node.height).toBe(Math.max(node.left.height, node.right.height) + 1);
  expect(Math.abs(node.left.height - node.right.height)).toBeLessThanOrEqual(1);
  expect(node.size).toBe(sizeOf(node.left) + sizeOf(node.right));
  expect(node.key).toBe(right.smallest);
  return left;
}

const key = fc.uint8Array({ minLength: 1, maxLength: 2 });
const op = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("set" as const), key, value: fc.uint8Array({ maxLength: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
);

const sortedEntries = (model: ReadonlyMap<string, string>): [string, string][] =>
  [...model].sort(([a], [b]) => (a < b ? -1 : 1));

const entriesOf = (tree: TreeReader, from?: Uint8Array, to?: Uint8Array, reverse?: boolean): [string, string][] =>
  [...tree.range(from, to, reverse)].map(([k, v]) => [toText(k), toText(v)]);

describe("tree", () => {
  it("is an ordered map: same entries as a model, in every range and direction, at every saved version", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 120 }), fc.option(key), fc.option(key), (ops, low, high) => {
        const tree = new Tree(undefined, 1);
        const model = new Map<string, string>();
        const saved: { reader: TreeReader; hash: string; entries: [string, string][] }[] = [];
        for (const step of ops) {
          if (step.kind === "set") {
            tree.set(step.key, step.value);
            model.set(toText(step.key), toText(step.value));
          } else if (step.kind === "delete") {
            tree.delete(step.key);
            model.delete(toText(step.key));
          } else {
            const hash = tree.hash(saved.length + 1);
            saved.push({ reader: new TreeReader(tree.root), hash, entries: sortedEntries(model) });
          }
        }
        if (tree.root !== undefined) checkShape(tree.root);
        const from = low ?? undefined;
        const to = high ?? undefined;
        const inside = sortedEntries(model).filter(
          ([k]) => (from === undefined || k >= toText(from)) && (to === undefined || k < toText(to)),
        );
        expect(entriesOf(tree, from, to)).toEqual(inside);
        expect(entriesOf(tree, from, to, true)).toEqual(inside.reverse());
        expect(tree.size).toBe(model.size);
        for (const [k, v] of model) expect(toText(tree.get(toBytes(k)) ?? Uint8Array.of())).toBe(v);
        for (const { reader, hash, entries } of saved) {
          expect(entriesOf(reader)).toEqual(entries);
          expect(reader.root === undefined ? EMPTY_HASH : reader.root.hash).toBe(hash);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has another root when a value is set again unchanged, since the leaf has a new version", () => {
    const tree = new Tree(undefined, 0);
    tree.set(Uint8Array.of(1), Uint8Array.of(1));
    const before = tree.hash(1);
    tree.set(Uint8Array.of(1), Uint8Array.of(1));
    expect(tree.hash(2)).not.toBe(before);
  });

  it("keeps its root when an absent key is deleted", () => {
    const tree = new Tree(undefined, 0);
    for (let i = 1; i < 20; i += 2) tree.set(Uint8Array.of(i), Uint8Array.of(i));
    const before = tree.hash(1);
    for (let i = 0; i < 22; i += 2) tree.delete(Uint8Array.of(i));
    expect(tree.hash(2)).toBe(before);
  });

  it("is not changed by a caller that changes its arrays afterwards", () => {
    const tree = new Tree(undefined, 0);
    const value = Uint8Array.of(7);
    tree.set(Uint8Array.of(1), value);
    value[0] = 9;
    tree.get(Uint8Array.of(1))![0] = 8;
    expect(tree.get(Uint8Array.of(1))).toEqual(Uint8Array.of(7));
  });

  it("refuses an empty key and takes an empty value", () => {
    const tree = new Tree(undefined, 0);
    expect(() => tree.set(new Uint8Array(0), Uint8Array.of(1))).toThrow("key is empty");
    tree.set(Uint8Array.of(1), new Uint8Array(0));
    expect(tree.get(Uint8Array.of(1))).toEqual(new Uint8Array(0));
    expect(tree.has(Uint8Array.of(1))).toBe(true);
  });

  it("hashes keys and values of any length", () => {
    const tree = new Tree(undefined, 0);
    for (const length of [1, 127, 128, 1023, 1024, 16_384, 70_000]) {
      tree.set(new Uint8Array(length).fill(1), new Uint8Array(length).fill(2));
      expect(tree.get(new Uint8Array(length).fill(1))).toHaveLength(length);
    }
    expect(hex(tree.hash(1))).toHaveLength(64);
  });
});
