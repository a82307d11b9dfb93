/**
 * A fixed sequence of blocks, for golden hashes and for comparing processes. As a program it prints a line a block,
 * `height app-hash results-hash`; arguments change how the process gets there, which must not show:
 *
 *     restart            reopens the database before every block
 *     checked            runs CheckTx and proposals first
 *     home=PATH          goes on with the chain in this folder, and leaves it there
 *     kill=POINT:HEIGHT  kills the process after FinalizeBlock, during Commit or after it (`finalized`, `committing`, `committed`)
 */
import { pathToFileURL } from "node:url";
import { MsgMultiSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgAccept, MsgPropose, MsgSettle } from "@interfirm/proto/gen/interfirm/agreements/v1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { sha256 } from "../crypto/verify.ts";
import { message, send } from "./accounts.ts";
import { TestChain } from "./chain.ts";

const TERMS = sha256(new TextEncoder().encode("100 chairs, delivered"));
const ufirm = (amount: bigint) => ({ denom: "ufirm", amount });

/** Transactions of each block. Some fail on purpose. */
function script(chain: TestChain): Uint8Array[][] {
  const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => chain.address(name)) as [never, never, never];
  const propose = (amount: bigint, deadlineHeight: bigint) =>
    message(MsgPropose, { payer: alice, payee: bob, price: ufirm(amount), termsHash: TERMS, deadlineHeight });
  const accept = (id: bigint) => message(MsgAccept, { payee: bob, id, termsHash: TERMS });
  const settle = (id: bigint) => message(MsgSettle, { payer: alice, id });
  return [
    [],
    [chain.tx("alice", [send(alice, bob, 1n)]), chain.tx("bob", [send(bob, carol, 2n), send(bob, alice, 3n)])],
    [chain.tx("alice", [propose(1_000n, 20n)]), chain.tx("alice", [propose(500n, 6n), propose(7n, 5n)])],
    [chain.tx("bob", [accept(1n)]), chain.tx("bob", [accept(9n)]), Uint8Array.of(1, 2, 3)],
    [chain.tx("alice", [settle(1n)]), chain.tx("carol", [send(carol, alice, 10n ** 15n)])],
    [chain.tx("alice", [settle(2n)])],
    [
      chain.tx("alice", [
        message(MsgMultiSend, {
          inputs: [{ address: alice, coins: [ufirm(30n)] }],
          outputs: [
            { address: bob, coins: [ufirm(10n)] },
            { address: carol, coins: [ufirm(20n)] },
          ],
        }),
      ]),
      chain.tx("carol", [send(carol, bob, 1n)], { gas: 62_500n }),
    ],
    Array.from({ length: 40 }, (_, i) => chain.tx("bob", [send(bob, i % 2 === 0 ? alice : carol, BigInt(i + 1))])),
    [],
  ];
}

/** What enters `last_results_hash`. */
const resultsHash = (results: readonly abci.ExecTxResult[]): Uint8Array =>
  sha256(
    Buffer.concat(
      results.map(({ code, data, gasWanted, gasUsed }) =>
        abci.ExecTxResult.encode(abci.ExecTxResult.fromPartial({ code, data, gasWanted, gasUsed })).finish(),
      ),
    ),
  );

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export interface SequenceOptions {
  readonly restart?: boolean;
  readonly checked?: boolean;
  readonly home?: string | undefined;
  readonly kill?: string | undefined;
}

export async function runSequence(options: SequenceOptions = {}): Promise<string[]> {
  const { restart = false, checked = false, home, kill } = options;
  const dieAt = (point: string, height: bigint): void => {
    if (kill === `${point}:${height}`) process.kill(process.pid, "SIGKILL");
  };
  const chain = await TestChain.resume(home === undefined ? {} : { home });
  try {
    const lines: string[] = [];
    for (const txs of script(chain).slice(Number(chain.height))) {
      if (restart && chain.height > 0n) await chain.reopen();
      if (checked) await warm(chain, txs);
      const { appHash, txResults } = await chain.finalize(txs);
      dieAt("finalized", chain.height);
      const commit = chain.app.handlers.commit({});
      dieAt("committing", chain.height);
      await commit;
      dieAt("committed", chain.height);
      lines.push(`${chain.height} ${hex(appHash)} ${hex(resultsHash(txResults))}`);
    }
    return lines;
  } finally {
    if (home === undefined) await chain.close();
    else await chain.store.close();
  }
}

async function warm(chain: TestChain, txs: readonly Uint8Array[]): Promise<void> {
  for (const tx of txs) await chain.check(tx);
  const { height, time } = chain.request(txs);
  const { handlers } = chain.app;
  await handlers.prepareProposal(abci.RequestPrepareProposal.fromPartial({ txs, maxTxBytes: 10_000n, height, time }));
  await handlers.processProposal(abci.RequestProcessProposal.fromPartial({ txs, height, time }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const args = process.argv.slice(2);
  const after = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  const options = { restart: args.includes("restart"), checked: args.includes("checked") };
  const lines = await runSequence({ ...options, home: after("home"), kill: after("kill") });
  for (const line of lines) process.stdout.write(`${line}\n`);
}
