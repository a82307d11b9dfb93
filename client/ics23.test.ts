import { readFileSync } from "node:fs";
import oracle from "@confio/ics23";
import { CommitmentProof } from "@interfirm/proto/gen/cosmos/ics23/v1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, fromHex, sha256, toUtf8 } from "./bytes.ts";
import { isError } from "./errors.ts";
import { decodeProof as decode, iavlSpec, simpleSpec, type TreeSpec, verifyAbsence, verifyExistence } from "./ics23.ts";

interface TreeVector {
  readonly tree: string;
  readonly root: string;
  readonly key: string;
  readonly exists: boolean;
  readonly commitmentProof: string;
}
interface QueryVector {
  readonly store: string;
  readonly key: string;
  readonly value: string;
  readonly appHash: string;
  readonly storeHash: string;
  readonly proofOps: readonly { readonly type: string; readonly data: string }[];
}
// Computed with the Go modules: iavl v1.2.2, store v1.1.2.
const vectors: { readonly iavl: readonly TreeVector[]; readonly queries: readonly QueryVector[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/testdata/proofs.json`, "utf8"),
);

const accepts = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch (error) {
    if (isError(error, "client", "badProof")) return false;
    throw error;
  }
};

describe("ICS-23", () => {
  test.each(vectors.iavl)("tree $tree, key $key, exists: $exists", ({ root, key, exists, commitmentProof }) => {
    const proof = decode(fromHex(commitmentProof));
    const value = proof.exist?.value ?? new Uint8Array([1]);
    const existence = accepts(() => verifyExistence(iavlSpec, proof, fromHex(root), fromHex(key), value));
    const absence = accepts(() => verifyAbsence(iavlSpec, proof, fromHex(root), fromHex(key)));
    expect({ existence, absence }).toEqual({ existence: exists, absence: !exists });
  });

  test.each(vectors.queries)(
    "store $store leads to the app hash",
    ({ store, key, value, appHash, storeHash, proofOps }) => {
      const [tree, simple] = proofOps.map(({ data }) => decode(fromHex(data)));
      if (value) verifyExistence(iavlSpec, tree!, fromHex(storeHash), fromHex(key), fromHex(value));
      else verifyAbsence(iavlSpec, tree!, fromHex(storeHash), fromHex(key));
      verifyExistence(simpleSpec, simple!, fromHex(appHash), toUtf8(store), fromHex(storeHash));
    },
  );

  const statements = vectors.iavl.map((vector) => ({
    spec: iavlSpec,
    oracleSpec: oracle.iavlSpec,
    root: fromHex(vector.root),
    key: fromHex(vector.key),
    bytes: fromHex(vector.commitmentProof),
  }));
  const roots = vectors.queries.map((query) => ({
    spec: simpleSpec,
    oracleSpec: oracle.tendermintSpec,
    root: fromHex(query.appHash),
    key: toUtf8(query.store),
    bytes: fromHex(query.proofOps[1]!.data),
  }));
  const statement = fc.constantFrom(...statements, ...roots);
  const mutation = fc.record({
    how: fc.constantFrom("flip", "insert", "delete", "swap"),
    at: fc.nat(100_000),
    byte: fc.integer({ min: 1, max: 255 }),
  });

  function mutate(bytes: Uint8Array, mutations: readonly { how: string; at: number; byte: number }[]): Uint8Array {
    const out = [...bytes];
    for (const { how, at, byte } of mutations) {
      const index = at % out.length;
      if (how === "flip") out[index]! ^= byte;
      else if (how === "insert") out.splice(index, 0, byte);
      else if (how === "delete") out.splice(index, 1);
      else [out[index], out[(index + byte) % out.length]] = [out[(index + byte) % out.length]!, out[index]!];
    }
    return Uint8Array.from(out);
  }

  /** What both verifiers say of the same proof about a statement. */
  function verdicts(
    spec: TreeSpec,
    oracleSpec: oracle.ics23.IProofSpec,
    bytes: Uint8Array,
    root: Uint8Array,
    key: Uint8Array,
    value?: Uint8Array,
  ) {
    const ours = accepts(() => {
      if (value) verifyExistence(spec, decode(bytes), root, key, value);
      else verifyAbsence(spec, decode(bytes), root, key);
    });
    let theirs = false;
    try {
      const proof = oracle.ics23.CommitmentProof.decode(bytes);
      theirs = value
        ? oracle.verifyMembership(proof, oracleSpec, root, key, value)
        : oracle.verifyNonMembership(proof, oracleSpec, root, key);
    } catch {
      // It throws at what it cannot read.
    }
    return { ours, theirs };
  }

  test("law: a mutated proof is accepted only where the reference accepts it too", () => {
    fc.assert(
      fc.property(statement, fc.array(mutation, { minLength: 0, maxLength: 3 }), (given, mutations) => {
        const bytes = mutate(given.bytes, mutations);
        const value = decode(given.bytes).exist?.value;
        const { ours, theirs } = verdicts(given.spec, given.oracleSpec, bytes, given.root, given.key, value);
        if (mutations.length === 0) expect({ ours, theirs }).toEqual({ ours: true, theirs: true });
        if (ours) expect(theirs).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("law: no mutation proves what is false", () => {
    fc.assert(
      fc.property(
        statement,
        fc.array(mutation, { maxLength: 3 }),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        (given, mutations, value) => {
          const bytes = mutate(given.bytes, mutations);
          const truth = decode(given.bytes).exist?.value;
          fc.pre(!truth || Buffer.compare(truth, value) !== 0);
          expect(verdicts(given.spec, given.oracleSpec, bytes, given.root, given.key, value).ours).toBe(false);
          if (truth) expect(verdicts(given.spec, given.oracleSpec, bytes, given.root, given.key).ours).toBe(false);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("absence beside an entry with an empty value, as indexes have", () => {
    const leaf = { hash: 1, prehashKey: 0, prehashValue: 1, length: 1, prefix: Uint8Array.of(0, 2, 2) } as const;
    const empty = sha256(new Uint8Array());
    const root = sha256(concat(leaf.prefix, Uint8Array.of(1, 5, 32), empty));
    const proof = decode(
      CommitmentProof.encode(
        CommitmentProof.fromPartial({ nonexist: { left: { key: Uint8Array.of(5), value: new Uint8Array(), leaf } } }),
      ).finish(),
    );
    const key = Uint8Array.of(6);
    verifyAbsence(iavlSpec, proof, root, key);
    expect(accepts(() => verifyAbsence(iavlSpec, proof, root, Uint8Array.of(5)))).toBe(false);
    const exist = { exist: proof.nonexist!.left! };
    expect(accepts(() => verifyExistence(iavlSpec, exist, root, Uint8Array.of(5), new Uint8Array()))).toBe(false);
  });

  test("an inner node with a child on both sides of the path is refused", () => {
    const given = statements.find(({ bytes }) => (decode(bytes).exist?.path.length ?? 0) > 1)!;
    const { exist } = decode(given.bytes);
    const path = exist!.path.map((op) => ({ ...op, suffix: new Uint8Array([...op.suffix, ...new Uint8Array(33)]) }));
    const forged = { exist: { ...exist!, path } };
    expect(accepts(() => verifyExistence(iavlSpec, forged, given.root, given.key, exist!.value))).toBe(false);
  });
});
