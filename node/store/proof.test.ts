import { readFileSync } from "node:fs";
import {
  calculateExistenceRoot,
  iavlSpec,
  ics23,
  tendermintSpec,
  verifyMembership,
  verifyNonMembership,
} from "@confio/ics23";
import { CommitmentProof } from "@interfirm/proto/gen/cosmos/ics23/v1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes, toText } from "./bytes.ts";
import { appHashOf, type StoreRoot } from "./merkle.ts";
import type { Node } from "./node.ts";
import { commitmentProof, prove } from "./proof.ts";
import { bytes, hex, unhex } from "./testing.ts";
import { Tree, TreeReader } from "./tree.ts";
import { emptyVersion, ReadView, storeRootsOf } from "./version.ts";

const read = (name: string) => JSON.parse(readFileSync(new URL(`./testdata/${name}`, import.meta.url), "utf8"));

interface Op {
  readonly op: string;
  readonly key: string;
  readonly value?: string;
}

function apply(tree: Tree, ops: readonly Op[]): void {
  for (const { op, key, value } of ops) {
    if (op === "set") tree.set(unhex(key), unhex(value ?? ""));
    else tree.delete(unhex(key));
  }
}

const encoded = (root: Node | undefined, key: Uint8Array): Uint8Array =>
  CommitmentProof.encode(commitmentProof(root, key)).finish();

/** A committed height made of trees, without a database. */
function viewOf(trees: ReadonlyMap<string, Tree>): ReadView {
  const roots = new Map([...trees].map(([name, tree]) => [name, tree.root]));
  const stores = storeRootsOf(roots);
  const { record } = emptyVersion([]);
  return new ReadView({ record: { ...record, height: 1, stores, appHash: appHashOf(stores) }, roots });
}

/** What a light client does: key up to store root, store root up to app hash. */
function verify(view: ReadView, store: string, key: Uint8Array): boolean {
  const { value, ops } = prove(view, store, key);
  const [inTree, inRoot] = ops.map(({ data }) => ics23.CommitmentProof.decode(data));
  const storeRoot = toBytes(view.stores.find(({ name }) => name === store)!.hash);
  const first =
    value === undefined
      ? verifyNonMembership(inTree!, iavlSpec, storeRoot, key)
      : verifyMembership(inTree!, iavlSpec, storeRoot, key, value);
  return first && verifyMembership(inRoot!, tendermintSpec, view.appHash, bytes(store), storeRoot);
}

describe("golden proofs", () => {
  interface Vector {
    readonly name: string;
    readonly initialVersion?: number;
    readonly versions: readonly { readonly ops: readonly Op[] }[];
    readonly proofs: readonly {
      readonly version: number;
      readonly key: string;
      readonly exists: boolean;
      readonly commitmentProof: string;
    }[];
  }

  it.each<Vector>([...read("iavl.json"), ...read("iavl-random.json").filter(({ proofs }: Vector) => proofs)])(
    "$name: CommitmentProof bytes equal iavl's",
    ({ versions, proofs, initialVersion }) => {
      const first = initialVersion || 1;
      const tree = new Tree(undefined, 0);
      const roots = versions.map(({ ops }, i) => {
        apply(tree, ops);
        tree.hash(first + i);
        return tree.root;
      });
      for (const { version, key, exists, commitmentProof: want } of proofs) {
        const root = roots[version - first];
        expect(new TreeReader(root).has(unhex(key))).toBe(exists);
        expect(hex(encoded(root, unhex(key)))).toBe(want);
      }
    },
  );

  it("queries of the multistore have the SDK's value and proof operations", () => {
    const { stores, versions, queries } = read("multistore.json");
    const trees = new Map<string, Tree>(stores.map((name: string) => [name, new Tree(undefined, 0)]));
    for (const [i, { ops }] of versions.entries()) {
      for (const [name, list] of Object.entries(ops)) apply(trees.get(name)!, list as Op[]);
      for (const tree of trees.values()) tree.hash(i + 1);
    }
    const view = viewOf(trees);
    expect(hex(view.appHash)).toBe(versions.at(-1).appHash);
    for (const { store, key, value, proofOps } of queries) {
      const proven = prove(view, store, unhex(key));
      expect(hex(proven.value ?? new Uint8Array(0))).toBe(value);
      expect(proven.ops.map((op) => ({ type: op.type, key: hex(op.key), data: hex(op.data) }))).toEqual(
        proofOps.map((op: { type: string; key: string; data: string }) => ({ ...op })),
      );
      expect(verify(view, store, unhex(key))).toBe(true);
    }
  });
});

describe("proofs", () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 2, max: 9 });

  it("of any key in any tree verify up to the app hash, at both ends and between", () => {
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 60 }),
        fc.array(key, { maxLength: 10 }),
        (present, asked) => {
          const tree = new Tree(undefined, 0);
          for (const [i, k] of present.entries()) {
            tree.set(k, Uint8Array.of(1, ...k));
            if (i % 7 === 0) tree.hash(i + 1);
          }
          tree.hash(99);
          const view = viewOf(
            new Map([
              ["bank", tree],
              ["acc", new Tree(undefined, 0)],
              ["zeta", tree],
            ]),
          );
          for (const k of [...asked, ...present, Uint8Array.of(0), Uint8Array.of(9, 9, 9)]) {
            expect(verify(view, "bank", k)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("do not verify for another value, key or root", () => {
    const tree = new Tree(undefined, 0);
    for (let i = 1; i < 30; i++) tree.set(Uint8Array.of(i), Uint8Array.of(i, i));
    const root = toBytes(tree.hash(1));
    const exist = ics23.CommitmentProof.decode(encoded(tree.root, Uint8Array.of(7)));
    expect(verifyMembership(exist, iavlSpec, root, Uint8Array.of(7), Uint8Array.of(7, 7))).toBe(true);
    expect(verifyMembership(exist, iavlSpec, root, Uint8Array.of(7), Uint8Array.of(7, 8))).toBe(false);
    expect(verifyMembership(exist, iavlSpec, root, Uint8Array.of(8), Uint8Array.of(8, 8))).toBe(false);
    expect(verifyMembership(exist, iavlSpec, new Uint8Array(32), Uint8Array.of(7), Uint8Array.of(7, 7))).toBe(false);
    const absent = ics23.CommitmentProof.decode(encoded(tree.root, Uint8Array.of(7, 1)));
    expect(verifyNonMembership(absent, iavlSpec, root, Uint8Array.of(7, 1))).toBe(true);
    expect(verifyNonMembership(absent, iavlSpec, root, Uint8Array.of(8, 1))).toBe(false);
  });

  it("in an empty tree name no neighbour, as the SDK's", () => {
    const view = viewOf(new Map([["a", new Tree(undefined, 0)]]));
    const { value, ops } = prove(view, "a", bytes("k"));
    expect(value).toBeUndefined();
    expect(hex(ops[0]!.data)).toBe("12030a016b");
  });

  it("of a store verify for any number of stores", () => {
    for (let count = 1; count <= 17; count++) {
      const trees = new Map<string, Tree>();
      for (let i = 0; i < count; i++) {
        const tree = new Tree(undefined, 0);
        tree.set(bytes("k"), bytes(`v${i}`));
        tree.hash(i + 1);
        trees.set(`store${String(i).padStart(2, "0")}`, tree);
      }
      const view = viewOf(trees);
      for (const name of trees.keys()) expect(verify(view, name, bytes("k"))).toBe(true);
    }
    expect(() => prove(viewOf(new Map()), "none", bytes("k"))).toThrow("store none does not exist");
  });
});

describe("root of roots", () => {
  it("is SHA-256 of nothing without stores, and the leaf's hash with one", () => {
    expect(hex(appHashOf([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const one: StoreRoot = { name: "a", hash: toText(new Uint8Array(32)) };
    const tree = new Tree(undefined, 0);
    const proof = prove(viewOf(new Map([["a", tree]])), "a", bytes("k"));
    const decoded = ics23.CommitmentProof.decode(proof.ops[1]!.data);
    expect(hex(calculateExistenceRoot(decoded.exist!))).toBe(hex(viewOf(new Map([["a", tree]])).appHash));
    expect(hex(appHashOf([one]))).toHaveLength(64);
  });
});
