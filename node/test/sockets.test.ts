/** The application behind the real socket server, with CometBFT's four connections. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Query as BankQuery } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { expect, it } from "vitest";
import { createAbciServer } from "../abci/server.ts";
import { connectAbci } from "../abci/testing/client.ts";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { send } from "./accounts.ts";
import { TestChain } from "./chain.ts";

it("T3, T5: thousands of pipelined checks, queries and blocks do not disturb one another", async () => {
  const chain = await TestChain.start();
  await chain.block();
  const folder = mkdtempSync(join(tmpdir(), "interfirm-abci-"));
  const fatal: unknown[] = [];
  const server = createAbciServer({
    address: `unix://${join(folder, "app.sock")}`,
    handlers: chain.app.handlers,
    logger: silentLogger,
    onFatal: (error) => fatal.push(error),
  });
  await server.listen();
  const [consensus, mempool, query, snapshot] = await Promise.all(
    Array.from({ length: 4 }, () => connectAbci(server.address)),
  );
  try {
    const pay = (name: string) => chain.tx(name, [send(chain.address(name), chain.address("carol"), 1n)]);
    const supply = BankQuery.methods.supplyOf;
    let committed = 1n;
    for (let round = 0; round < 5; round++) {
      const txs = Array.from({ length: 100 }, (_, i) => pay(i % 2 === 0 ? "alice" : "bob"));
      const checks = txs.map((tx) => mempool!.request("checkTx", { tx, type: abci.CheckTxType.NEW }));
      const asked = Array.from({ length: 50 }, () =>
        query!.request("query", {
          path: `/${BankQuery.typeName}/SupplyOf`,
          data: supply.input.encode({ denom: "ufirm" }).finish(),
          height: 0n,
          prove: false,
        }),
      );
      const listed = snapshot!.request("listSnapshots", {});
      await Promise.all([mempool!.flush(), query!.flush(), snapshot!.flush()]);
      // Checks of one connection are answered in order: the sequences fit.
      expect((await Promise.all(checks)).map(({ code }) => code)).toEqual(txs.map(() => 0));

      const block = chain.request(txs, committed + 1n);
      const finalized = consensus!.request("finalizeBlock", block);
      const commit = consensus!.request("commit", {});
      const late = mempool!.request("checkTx", { tx: txs[0]!, type: abci.CheckTxType.RECHECK });
      await Promise.all([consensus!.flush(), mempool!.flush()]);
      expect((await finalized).txResults.map(({ code }) => code)).toEqual(txs.map(() => 0));
      await commit;
      committed++;
      expect([0, 32]).toContain((await late).code);
      expect((await listed).snapshots).toEqual([]);
      for (const { code, value, height } of await Promise.all(asked)) {
        expect(code).toBe(0);
        expect([committed - 1n, committed]).toContain(height);
        expect(supply.output.decode(value).amount?.amount).toBe(2_001_000_000n);
      }
    }
    expect(fatal).toEqual([]);
  } finally {
    for (const client of [consensus, mempool, query, snapshot]) client!.close();
    await server.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
