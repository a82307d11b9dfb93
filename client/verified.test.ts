import { readFileSync } from "node:fs";
import type { Comet38Client } from "@cosmjs/tendermint-rpc";
import { describe, expect, test } from "vitest";
import { fromHex } from "./bytes.ts";
import { createLightClient } from "./light.ts";
import type { Rpc } from "./rpc.ts";
import { createLightChain, createSigner } from "./testing/light-chain.ts";
import { createVerifiedReads } from "./verified.ts";

interface QueryVector {
  readonly store: string;
  readonly key: string;
  readonly value: string;
  readonly appHash: string;
  readonly proofOps: readonly { readonly type: string; readonly key: string; readonly data: string }[];
}
// What a Go multistore answered at height 6, whose app hash stands in header 7.
const { queries }: { readonly queries: readonly QueryVector[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/testdata/proofs.json`, "utf8"),
);
const start = Date.UTC(2026, 0, 1);
const signers = [createSigner(1), createSigner(2), createSigner(3)];

const honest = ({ key, value, proofOps }: QueryVector) => ({
  code: 0,
  codespace: "",
  log: "",
  key: fromHex(key),
  value: fromHex(value),
  height: 6,
  proof: { ops: proofOps.map((op) => ({ type: op.type, key: fromHex(op.key), data: fromHex(op.data) })) },
});
type Answer = ReturnType<typeof honest>;
type Changes = { readonly [K in keyof Answer]?: Answer[K] | undefined };

function open(answer: (query: QueryVector) => Changes = honest) {
  const chain = createLightChain({
    chainId: "v-1",
    length: 8,
    start,
    validatorsAt: () => signers,
    appHashAt: () => fromHex(queries[0]!.appHash),
  });
  const rpc = { call: async (method, params) => chain.answer(method, params ?? {}) } as Rpc;
  const light = createLightClient(rpc, "v-1", { height: 2n, hash: chain.hashOf(2) }, { now: () => start + 20_000 });
  const comet = {
    status: async () => ({ syncInfo: { latestBlockHeight: 7 } }),
    abciQuery: async ({ path, data }: { path: string; data: Uint8Array }) => {
      const asked = queries.find(
        ({ store, key }) => path === `/store/${store}/key` && Buffer.from(data).toString("hex") === key,
      );
      return answer(asked!);
    },
  } as unknown as Comet38Client;
  return createVerifiedReads(comet, light);
}

describe("verified reads", () => {
  test.each(queries)("$store $key against the app hash of a verified header", async ({ store, key, value }) => {
    const read = await open().get(store, fromHex(key));
    expect(read).toEqual({
      value: value ? fromHex(value) : undefined,
      height: 6n,
      time: new Date(start + 7_000),
    });
  });

  const [present, absent] = [queries.find(({ value }) => value)!, queries.find(({ value }) => !value)!];
  const swap = (changes: (answer: Answer) => Changes) =>
    open((query) => ({ ...honest(query), ...changes(honest(query)) }));

  test.each<[string, QueryVector, (answer: Answer) => Changes]>([
    ["another value", present, () => ({ value: Uint8Array.of(1) })],
    ["no value", present, () => ({ value: new Uint8Array() })],
    ["a value where there is none", absent, () => ({ value: Uint8Array.of(1), proof: honest(present).proof })],
    ["absence by the proof of another key", present, () => ({ proof: honest(absent).proof })],
    ["no proof", present, () => ({ proof: undefined })],
    ["half a proof", present, ({ proof }) => ({ proof: { ops: proof.ops.slice(0, 1) } })],
    ["the operations the other way round", present, ({ proof }) => ({ proof: { ops: [...proof.ops].reverse() } })],
    [
      "bytes that are no proof",
      present,
      ({ proof }) => ({ proof: { ops: proof.ops.map((op) => ({ ...op, data: Uint8Array.of(7) })) } }),
    ],
  ])("refuses %s", async (_what, { store, key }, changes) => {
    await expect(swap(changes).get(store, fromHex(key))).rejects.toMatchObject({ name: "badProof" });
  });

  test("the proof of another store is refused", async () => {
    const acc = queries.find(({ store }) => store === "acc")!;
    const reads = open(() => honest(acc));
    await expect(reads.get("bank", fromHex(present.key))).rejects.toMatchObject({ name: "badProof" });
  });

  test("a refusal of the node is passed on; without a trust root nothing is read", async () => {
    const refusing = swap(() => ({ code: 26, codespace: "sdk", log: "height 6 is pruned" }));
    await expect(refusing.get(present.store, fromHex(present.key))).rejects.toMatchObject({ name: "invalidHeight" });
    const reads = createVerifiedReads({} as Comet38Client, undefined);
    await expect(reads.agreement(1n)).rejects.toMatchObject({ name: "noTrustRoot" });
    await expect(reads.balance("firm1", "ufirm")).rejects.toMatchObject({ name: "invalidAddress" });
  });
});
