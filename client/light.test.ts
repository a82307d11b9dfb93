import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, sha256 } from "./bytes.ts";
import { InterfirmError } from "./errors.ts";
import { hashText, headerHash, merkleRoot, readSignedHeader, readValidators } from "./header.ts";
import { checkCommit, checkLightBlock, createLightClient } from "./light.ts";
import type { Json, Rpc } from "./rpc.ts";
import { type ChainSpec, createLightChain, createSigner } from "./testing/light-chain.ts";

// Told by a real CometBFT 0.38.26 (kvstore, one validator).
const real: { chainId: string; heights: Record<string, { commit: Json; validators: Json }> } = JSON.parse(
  readFileSync(`${import.meta.dirname}/testdata/headers.json`, "utf8"),
);

const start = Date.UTC(2026, 0, 1);
const fixed = [createSigner(1), createSigner(2), createSigner(3), createSigner(4)];
const spec = (more: Partial<ChainSpec> = {}): ChainSpec => ({
  chainId: "light-1",
  length: 40,
  start,
  validatorsAt: () => fixed,
  ...more,
});
/** Validator n leaves and n + 4 comes, one at each height. */
const rotating = (height: number) => [0, 1, 2, 3].map((i) => createSigner(10 + height + i));

function open(more: Partial<ChainSpec> = {}, rootHeight = 1, now = start + 60_000) {
  const chain = createLightChain(spec(more));
  const rpc = { call: async (method, params) => chain.answer(method, params ?? {}) } as Rpc;
  const root = { height: BigInt(rootHeight), hash: chain.hashOf(rootHeight) };
  return { chain, rpc, root, light: createLightClient(rpc, "light-1", root, { now: () => now }) };
}

describe("headers of a real CometBFT", () => {
  test.each(Object.keys(real.heights))("height %s: hash, validators and signatures", (height) => {
    const { commit, validators } = real.heights[height]!;
    const block = { ...readSignedHeader(commit), validators: readValidators(validators).validators };
    expect(hashText(headerHash(block.header))).toBe(hashText(block.commit.blockId.hash));
    checkLightBlock(block, real.chainId);
    checkCommit(block, real.chainId);
    const other = { ...block, commit: { ...block.commit, round: block.commit.round + 1 } };
    expect(() => checkCommit(other, real.chainId)).toThrow("is wrong");
  });
});

test("Merkle roots split at the largest power of two", () => {
  const leaf = (n: number) => sha256(Uint8Array.of(0, n));
  const inner = (a: Uint8Array, b: Uint8Array) => sha256(Uint8Array.of(1, ...a, ...b));
  const leaves = [0, 1, 2, 3, 4].map((n) => Uint8Array.of(n));
  expect(merkleRoot([])).toEqual(fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  expect(merkleRoot(leaves.slice(0, 3))).toEqual(inner(inner(leaf(0), leaf(1)), leaf(2)));
  expect(merkleRoot(leaves)).toEqual(inner(inner(inner(leaf(0), leaf(1)), inner(leaf(2), leaf(3))), leaf(4)));
});

describe("light client", () => {
  test("skips straight to a header that the trusted validators signed", async () => {
    const { chain, light } = open();
    expect((await light.header(40n)).height).toBe(40n);
    expect(chain.calls).toEqual(["commit 1", "validators 1", "commit 40", "validators 40"]);
    await light.header(40n);
    expect(chain.calls).toHaveLength(4);
  });

  test("goes by halves where the validators have changed too much", async () => {
    const { chain, light } = open({ validatorsAt: rotating });
    expect((await light.header(30n)).height).toBe(30n);
    expect(chain.calls.length).toBeGreaterThan(20);
    expect(chain.calls.length).toBeLessThan(80);
  });

  test("follows header by header where all validators change at once", async () => {
    const { light } = open({ length: 6, validatorsAt: (h) => [createSigner(100 * h), createSigner(100 * h + 1)] });
    expect((await light.header(6n)).height).toBe(6n);
  });

  test.each([
    ["a root with another hash", { root: "00".repeat(32) }, "want the trusted"],
    [
      "two thirds of the power exactly",
      { more: { signersOf: (_: number, all: typeof fixed) => all.slice(0, 2), validatorsAt: () => fixed.slice(0, 3) } },
      "want more than",
    ],
    [
      "a third of the power",
      { more: { signersOf: (h: number, all: typeof fixed) => (h > 1 ? all.slice(0, 1) : all) } },
      "badHeader",
    ],
  ])("refuses %s", async (_what, { root, more }: { root?: string; more?: Partial<ChainSpec> }, message) => {
    const { rpc, root: trusted } = open(more);
    const light = createLightClient(
      rpc,
      "light-1",
      { ...trusted, hash: root ?? trusted.hash },
      { now: () => start + 60_000 },
    );
    const refused = light.header(2n).catch((error) => `${error.name} ${error.message}`);
    expect(await refused).toContain(message);
  });

  test("refuses validators that the header before did not name", async () => {
    const honest = open();
    const evil = createLightChain(spec({ validatorsAt: () => [createSigner(66)] }));
    const rpc = {
      call: async (method, params) => (params?.["height"] === "1" ? honest.chain : evil).answer(method, params ?? {}),
    } as Rpc;
    const light = createLightClient(rpc, "light-1", honest.root, { now: () => start + 60_000 });
    await expect(light.header(2n)).rejects.toMatchObject({ name: "badHeader" });
    await expect(light.header(20n)).rejects.toMatchObject({ name: "badHeader" });
  });

  test("one validator's signature given many times counts once", async () => {
    const { chain, light } = open();
    const block = chain.blocks.get(5)!;
    const [one] = block.commit.signatures;
    chain.blocks.set(5, { ...block, commit: { ...block.commit, signatures: [one!, one!, one!, one!] } });
    await expect(light.header(5n)).rejects.toMatchObject({ name: "badHeader" });
  });

  test("refuses a changed header, another chain, the future, and a trust that is too old", async () => {
    const changed = open();
    const block = changed.chain.blocks.get(9)!;
    changed.chain.blocks.set(9, { ...block, header: { ...block.header, appHash: sha256(Uint8Array.of(9)) } });
    await expect(changed.light.header(9n)).rejects.toThrow("commit is about another block");

    const { rpc, root } = open();
    const now = () => start + 60_000;
    await expect(createLightClient(rpc, "other-1", root, { now }).header(2n)).rejects.toThrow("want other-1");
    await expect(open({}, 1, start + 5_000).light.header(40n)).rejects.toThrow("in the future");
    await expect(open({}, 1, start + 20 * 86_400_000).light.header(40n)).rejects.toMatchObject({
      name: "trustExpired",
    });
    await expect(open({}, 10).light.header(9n)).rejects.toThrow("below the oldest trusted header 10");
  });
});

describe("what a node changes in its answers", () => {
  const { chain, root } = open({ length: 12 });
  const honest = chain.blocks.get(12)!.header;

  /** Every text and number in a JSON value, by path. */
  const leaves = (json: Json, path: readonly string[] = []): readonly (readonly string[])[] =>
    typeof json === "object" && json !== null
      ? Object.entries(json).flatMap(([key, value]) => leaves(value, [...path, key]))
      : [path];

  function change(json: Json, [key, ...rest]: readonly string[], to: (leaf: Json) => Json): Json {
    if (key === undefined) return to(json);
    const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, Json>;
    copy[key] = change(copy[key]!, rest, to);
    return copy;
  }

  const twist = (leaf: Json, at: number): Json => {
    if (typeof leaf === "number") return leaf + 1;
    if (typeof leaf !== "string" || leaf === "") return "00";
    const index = at % leaf.length;
    return leaf.slice(0, index) + (leaf[index] === "1" ? "2" : "1") + leaf.slice(index + 1);
  };

  test("law: a header that passes is the honest one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("commit", "validators"), fc.nat(), fc.nat(), async (target, which, at) => {
        const rpc = {
          async call(method, params) {
            const answer = chain.answer(method, params ?? {});
            if (method !== target || params?.["height"] !== "12") return answer;
            const paths = leaves(answer);
            return change(answer, paths[which % paths.length]!, (leaf) => twist(leaf, at));
          },
        } as Rpc;
        const light = createLightClient(rpc, "light-1", root, { now: () => start + 60_000 });
        const got = await light.header(12n).catch((error) => error);
        if (!(got instanceof InterfirmError)) expect(got).toEqual(honest);
      }),
      { numRuns: 60 },
    );
  });
});
