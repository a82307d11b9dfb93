/** The services that ask CometBFT, against answers that CometBFT v0.38.26 gave for a chain with one bank send. */
import { readFileSync } from "node:fs";
import { createTxDecoder } from "@interfirm/modules/auth/tx";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { Service as CometService } from "@interfirm/proto/gen/cosmos/base/tendermint/v1beta1";
import { Service as TxService } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { Header } from "@interfirm/proto/gen/tendermint/types";
import { createRegistry } from "@interfirm/proto/registry";
import type { DeepPartial, Method } from "@interfirm/proto/types";
import { describe, expect, it } from "vitest";
import { type Rpc, RpcError, RpcUnreachableError } from "../../comet/rpc.ts";
import { sha256 } from "../../crypto/verify.ts";
import { queryPath } from "../router.ts";
import type { NodeRoute } from "./service.ts";
import { tendermintService } from "./tendermint.ts";
import { txService } from "./tx.ts";

const recorded = JSON.parse(readFileSync(new URL("./testdata/comet.json", import.meta.url), "utf8"));
const decode = createTxDecoder({
  messages: new Map([[MsgSend.typeUrl, MsgSend]]),
  registry: createRegistry(allTypes),
});

/** CometBFT as far as the services know it. `fail` makes every call reject. */
function fakeRpc(fail?: Error): Rpc {
  const answer = (value: unknown) => async () => {
    if (fail) throw fail;
    return value;
  };
  return {
    call: (method: string) => answer(recorded[method])(),
    status: answer(recorded.status),
    block: answer(recorded.block),
    validators: answer(recorded.validators),
    tx: answer(recorded.tx),
    txSearch: answer(recorded.tx_search),
    broadcastTxSync: answer({ code: 0, data: "", log: "", codespace: "", hash: "AB" }),
    broadcastTxAsync: answer({ code: 0, data: "", log: "", codespace: "", hash: "CD" }),
  } as unknown as Rpc;
}

function serve(rpc: Rpc | undefined) {
  const simulate = () => {
    throw new Error("not simulated here");
  };
  const version = {
    name: "interfirm",
    appName: "interfirmd",
    version: "1",
    gitCommit: "",
    cosmosSdkVersion: "v0.53.8",
  };
  const abciQuery = () => {
    throw new Error("not queried here");
  };
  const routes = new Map<string, NodeRoute>([
    ...txService({ rpc, simulate, decode }),
    ...tendermintService({ rpc, version, addressPrefix: () => "cosmos", abciQuery }),
  ]);
  return async <I, O>(service: string, method: Method<I, O>, request: DeepPartial<I>): Promise<O> => {
    const route = routes.get(queryPath(service, method.name))!;
    const response = await route.handle(method.input.fromPartial(request), undefined as never);
    return method.output.decode(method.output.encode(response as O).finish());
  };
}

const ask = serve(fakeRpc());
const tx = TxService.methods;
const comet = CometService.methods;
const failing = (error: Error) => serve(fakeRpc(error));
const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChainError);
  const { codespace, code, message } = error as ChainError;
  return `${codespace}/${code} ${message}`;
};

describe("cosmos.tx.v1beta1.Service", () => {
  it("finds a transaction with its block's time, as clients of the SDK read it", async () => {
    const { tx: found, txResponse } = await ask(TxService.typeName, tx.getTx, { hash: recorded.tx.hash });
    expect(found?.body?.messages[0]?.typeUrl).toBe(MsgSend.typeUrl);
    expect(txResponse).toMatchObject({
      txhash: recorded.tx.hash,
      height: BigInt(recorded.tx.height),
      code: 0,
      data: "12260A242F636F736D6F732E62616E6B2E763162657461312E4D736753656E64526573706F6E7365",
      timestamp: recorded.block.block.header.time.replace(/\.\d+Z$/, "Z"),
      tx: { typeUrl: "/cosmos.tx.v1beta1.Tx" },
    });
    expect(txResponse?.events.length).toBe(recorded.tx.tx_result.events.length);
  });

  it("searches by query and by the older list of events", async () => {
    for (const request of [{ query: "tx.height>0" }, { events: ["tx.height>0", "message.module='bank'"] }]) {
      const { txs, txResponses, total } = await ask(TxService.typeName, tx.getTxsEvent, request);
      expect([txs.length, txResponses.length, total]).toEqual([1, 1, 1n]);
    }
    expect(await codeOf(ask(TxService.typeName, tx.getTxsEvent, {}))).toMatch(/^sdk\/18 query cannot be empty/);
    expect(await codeOf(ask(TxService.typeName, tx.getTxsEvent, { query: "x".repeat(3000) }))).toMatch(/^sdk\/18/);
    const beyond = failing(
      new RpcError("tx_search", -32603, "Internal error", "page should be within [1, 1] range, given 9"),
    );
    expect((await beyond(TxService.typeName, tx.getTxsEvent, { query: "tx.height>0", page: 9n })).txs).toEqual([]);
  });

  it("says NotFound for a hash that no block has, and what is wrong with one that is none", async () => {
    const absent = failing(new RpcError("tx", -32603, "Internal error", `tx (${"00".repeat(32)}) not found`));
    const hash = "00".repeat(32);
    expect(await codeOf(absent(TxService.typeName, tx.getTx, { hash }))).toBe(
      `sdk/22 rpc error: code = NotFound desc = tx not found: ${hash}: key not found`,
    );
    for (const bad of ["", "xyz", "00".repeat(31)]) {
      expect(await codeOf(ask(TxService.typeName, tx.getTx, { hash: bad }))).toMatch(/^sdk\/18/);
    }
  });

  it("broadcasts, and tells of CometBFT's own refusals with the SDK's codes", async () => {
    const txBytes = Uint8Array.of(1);
    expect((await ask(TxService.typeName, tx.broadcastTx, { txBytes, mode: 2 })).txResponse?.txhash).toBe("AB");
    expect((await ask(TxService.typeName, tx.broadcastTx, { txBytes, mode: 3 })).txResponse?.txhash).toBe("CD");
    expect(await codeOf(ask(TxService.typeName, tx.broadcastTx, { txBytes, mode: 1 }))).toMatch(/^sdk\/18/);
    for (const [reason, code] of [
      ["tx already exists in cache", 19],
      ["mempool is full: number of txs 5000 (max: 5000)", 20],
      ["Tx too large. Max size is 1048576, but got 1048577", 21],
    ] as const) {
      const refusing = failing(new RpcError("broadcast_tx_sync", -32603, "Internal error", reason));
      const { txResponse } = await refusing(TxService.typeName, tx.broadcastTx, { txBytes, mode: 2 });
      expect(txResponse).toMatchObject({ codespace: "sdk", code, txhash: hexOf(sha256(txBytes)) });
    }
  });

  it("shows a block with its transactions, by page", async () => {
    const height = BigInt(recorded.tx.height);
    const whole = await ask(TxService.typeName, tx.getBlockWithTxs, { height });
    expect(whole.txs).toHaveLength(1);
    expect(whole.pagination?.total).toBe(1n);
    const page = await ask(TxService.typeName, tx.getBlockWithTxs, { height, pagination: { offset: 1n } });
    expect(page.txs).toEqual([]);
    expect(await codeOf(ask(TxService.typeName, tx.getBlockWithTxs, { height: 0n }))).toMatch(/^sdk\/18/);
  });

  it("decodes and encodes to the same bytes", async () => {
    const txBytes = Uint8Array.from(Buffer.from(recorded.tx.tx, "base64"));
    const { tx: decoded } = await ask(TxService.typeName, tx.txDecode, { txBytes });
    expect(await ask(TxService.typeName, tx.txEncode, { tx: decoded })).toEqual({ txBytes });
    expect(await codeOf(ask(TxService.typeName, tx.txDecode, { txBytes: Uint8Array.of(1) }))).toMatch(/^sdk\/2/);
  });
});

describe("cosmos.base.tendermint.v1beta1.Service", () => {
  it("gives blocks whose header still hashes to the block's id, in both forms", async () => {
    const { blockId, block, sdkBlock } = await ask(CometService.typeName, comet.getBlockByHeight, { height: 38n });
    expect(hexOf(blockId!.hash)).toBe(recorded.block.block_id.hash);
    expect(hexOf(headerHash(block!.header))).toBe(recorded.block.block_id.hash);
    expect(sdkBlock?.header.proposerAddress).toMatch(/^cosmosvalcons1/);
    expect(block?.data.txs).toHaveLength(1);
    expect(block?.lastCommit?.signatures).toHaveLength(1);
  });

  it("gives the validator set by page, with keys that are the SDK's", async () => {
    const set = await ask(CometService.typeName, comet.getLatestValidatorSet, {});
    expect(set.validators).toMatchObject([{ votingPower: 100n, pubKey: { typeUrl: "/cosmos.crypto.ed25519.PubKey" } }]);
    expect(set.validators[0]?.address).toMatch(/^cosmosvalcons1/);
    const beyond = await ask(CometService.typeName, comet.getLatestValidatorSet, { pagination: { offset: 5n } });
    expect(beyond.validators).toEqual([]);
  });

  it("tells about the node and whether it catches up", async () => {
    const info = await ask(CometService.typeName, comet.getNodeInfo, {});
    expect(info.defaultNodeInfo).toMatchObject({ network: "simd-testing", version: "0.38.26", moniker: "val" });
    expect(info.applicationVersion).toMatchObject({ appName: "interfirmd", cosmosSdkVersion: "v0.53.8" });
    expect((await ask(CometService.typeName, comet.getSyncing, {})).syncing).toBe(false);
  });

  it("does not ask itself about itself", async () => {
    const path = "/cosmos.base.tendermint.v1beta1.Service/ABCIQuery";
    expect(await codeOf(ask(CometService.typeName, comet.abciQuery, { path }))).toMatch(/^sdk\/18/);
  });
});

describe("without CometBFT", () => {
  it("every method that needs it is Unavailable, or says what CometBFT said", async () => {
    const unreachable = failing(new RpcUnreachableError("status: no answer"));
    for (const call of [serve(undefined), unreachable]) {
      expect(await codeOf(call(CometService.typeName, comet.getSyncing, {}))).toMatch(
        /^sdk\/6 rpc error: code = Unavailable/,
      );
    }
    const refused = failing(
      new RpcError("block", -32603, "Internal error", "height 9 is not available, lowest height is 12"),
    );
    expect(await codeOf(refused(CometService.typeName, comet.getBlockByHeight, { height: 9n }))).toMatch(
      /code = Internal .*height 9 is not available/,
    );
  });

  it("a block that is not there yet is the asker's mistake", async () => {
    const future = "height 9 must be less than or equal to the current blockchain height 3";
    const refused = failing(new RpcError("block", -32603, "Internal error", future));
    expect(await codeOf(refused(CometService.typeName, comet.getBlockByHeight, { height: 9n }))).toMatch(
      /^sdk\/18 height 9 must be less/,
    );
  });
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** Root of the Merkle tree over the header's encoded fields. Source: CometBFT v0.38 types/block.go `Header.Hash`. */
function headerHash(header: Header): Uint8Array {
  const shell = Header.encode(header).finish();
  const fields: Uint8Array[] = [];
  for (let at = 0; at < shell.length; ) {
    const no = shell[at]! >> 3;
    const isVarint = (shell[at]! & 7) === 0;
    let end = at + 1;
    if (isVarint) while (shell[end++]! >= 128);
    else end += 1 + shell[at + 1]!;
    // Messages are hashed by their content; strings, bytes and numbers as the wrapper messages of protobuf, field 1.
    const isMessage = no === 1 || no === 4 || no === 5;
    fields.push(
      isMessage ? shell.subarray(at + 2, end) : Uint8Array.of(isVarint ? 0x08 : 0x0a, ...shell.subarray(at + 1, end)),
    );
    at = end;
  }
  return merkleRoot(fields);
}

function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return sha256(Uint8Array.of(0, ...leaves[0]!));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1, ...merkleRoot(leaves.slice(0, split)), ...merkleRoot(leaves.slice(split))));
}
