import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@interfirm/modules/kernel/address";
import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { Query as AuthQuery, BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { Query as BankQuery } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import type * as abci from "@interfirm/proto/gen/tendermint/abci";
import { signTx, type TestAccount } from "../test/accounts.ts";
import { CHAIN_ID, GENESIS_TIME, TestChain } from "../test/chain.ts";
import { SimulatedComet } from "./comet.ts";
import { ACCOUNTS, appStateOf, DENOM, genesisAccounts } from "./genesis.ts";
import type { Operation, Planned, View } from "./operation.ts";
import { createRandom, type Random } from "./random.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly blocks: number;
  readonly operations: readonly Operation[];
  /** Opens the database again before every block, as after a restart. */
  readonly restart?: boolean;
  readonly onBlock?: (progress: Progress) => void;
}

export interface Progress {
  readonly height: bigint;
  readonly appHash: string;
  readonly validators: number;
}

/** What became of the transactions of one operation, by codespace and code. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Report {
  readonly appHash: string;
  readonly height: bigint;
  readonly txs: number;
  readonly succeeded: number;
  readonly outcomes: Outcomes;
}

const TXS_PER_BLOCK_MAX = 12;
const GAS = 2_000_000n;
/** Basis points of all votes that one owner may have; mostly off, as on most chains. */
const POWER_CAPS = [0, 0, 2000, 4000];
const FEE = [{ denom: DENOM, amount: 5_000n }];

/**
 * Plays random transactions of all modules on the real application, with validators that go down, come back and are
 * caught signing twice, and checks every invariant after every block. The same options give the same app hashes.
 * Throws, with the height in the message, when an invariant breaks, a handler throws anything but a `ChainError`, or the
 * validators that CometBFT would be told would stop it.
 */
export async function simulate(options: SimulationOptions): Promise<Report> {
  const { seed, blocks, operations, restart = false, onBlock } = options;
  const random = createRandom(seed);
  const home = mkdtempSync(join(tmpdir(), "interfirm-simulate-"));
  const chain = await TestChain.start({
    home,
    accounts: genesisAccounts(),
    validators: [],
    appState: appStateOf(random.pick(POWER_CAPS)),
    invariantPeriod: 1n,
  });
  try {
    const { validators } = await chain.app.handlers.initChain(chain.genesis());
    const comet = new SimulatedComet(random, validators.map(fromAbci), 1n);
    let time = GENESIS_TIME;
    let txs = 0;
    let succeeded = 0;
    const outcomes = new Map<string, Map<string, number>>();
    let appHash = "";
    for (let block = 0; block < blocks; block++) {
      if (restart && chain.height > 0n) await chain.reopen();
      const height = chain.height + 1n;
      time += BigInt(random.between(500, 20_000)) * 1_000_000n;
      const planned = chain.height === 0n ? [] : await fill(chain, random, operations, height, time);
      const request = {
        ...chain.request(planned.map(({ tx }) => tx)),
        ...comet.block(height, time),
        time: nsToTimestamp(time),
      };
      const response = await at(height, () => chain.app.handlers.finalizeBlock(request));
      chain.height = height;
      await chain.app.handlers.commit({});
      at(height, () => comet.update(height, response.validatorUpdates.map(fromAbci)));
      for (const [i, { code, codespace, log }] of response.txResults.entries()) {
        const { operation } = planned[i]!;
        if (codespace === "internal") throw new Error(`seed ${seed}, height ${height}: ${operation} met a bug: ${log}`);
        const key = code === 0 ? "ok" : `${codespace}/${code}`;
        const counts = outcomes.get(operation) ?? new Map<string, number>();
        outcomes.set(operation, counts.set(key, (counts.get(key) ?? 0) + 1));
        txs++;
        if (code === 0) succeeded++;
      }
      appHash = Buffer.from(response.appHash).toString("hex");
      onBlock?.({ height, appHash, validators: comet.size });
    }
    await checkExport(chain);
    return { appHash, height: chain.height, txs, succeeded, outcomes };
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await chain.store.close();
    rmSync(home, { recursive: true, force: true });
  }

  function at<R>(height: bigint, act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw new Error(`height ${height}: ${(error as Error).message}`, { cause: error });
    }
  }
}

interface Filled {
  readonly operation: string;
  readonly tx: Uint8Array;
}

/** Transactions of the next block, signed with the numbers that the accounts have by then. */
async function fill(
  chain: TestChain,
  random: Random,
  operations: readonly Operation[],
  height: bigint,
  time: bigint,
): Promise<readonly Filled[]> {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  const numbers = new Map<string, { readonly accountNumber: bigint; sequence: bigint }>();
  const view = viewOf(chain, random, height, time);
  const filled: Filled[] = [];
  for (let i = random.between(0, TXS_PER_BLOCK_MAX); i > 0; i--) {
    const operation = drawn(operations, random.below(total));
    const planned = await operation.plan(view);
    if (!planned) continue;
    const own = numbers.get(planned.signer.address) ?? (await numbersOf(chain, planned.signer));
    numbers.set(planned.signer.address, own);
    filled.push({ operation: operation.name, tx: signed(planned, own) });
    own.sequence++;
  }
  return filled;
}

function drawn(operations: readonly Operation[], ticket: number): Operation {
  let rest = ticket;
  for (const operation of operations) {
    rest -= operation.weight;
    if (rest < 0) return operation;
  }
  throw new Error(`ticket ${ticket} is none of the operations'`);
}

const signed = (
  { signer, messages, granter }: Planned,
  numbers: { accountNumber: bigint; sequence: bigint },
): Uint8Array =>
  signTx(signer, messages, {
    chainId: CHAIN_ID,
    ...numbers,
    fee: FEE,
    gas: GAS,
    ...(granter === undefined ? {} : { granter }),
  });

async function numbersOf(chain: TestChain, { address }: TestAccount) {
  const { account } = await chain.query("cosmos.auth.v1beta1.Query", AuthQuery.methods.account, { address });
  if (account?.typeUrl !== BaseAccount.typeUrl) throw new Error(`${address} is a ${account?.typeUrl}`);
  const { accountNumber, sequence } = BaseAccount.decode(account.value);
  return { accountNumber, sequence };
}

function viewOf(chain: TestChain, random: Random, height: bigint, time: bigint): View {
  return {
    random,
    accounts: ACCOUNTS.map((name) => chain.of(name)),
    denom: DENOM,
    height,
    time,
    query: (service, method, request) => chain.query(service, method, request),
    async spendable(address: Address) {
      const request = { address, denom: DENOM };
      const { balance } = await chain.query(
        "cosmos.bank.v1beta1.Query",
        BankQuery.methods.spendableBalanceByDenom,
        request,
      );
      return balance?.amount ?? 0n;
    },
  };
}

/** What was exported can be read again, keeps all invariants, and gives the parts that no block changes once more. */
async function checkExport(chain: TestChain): Promise<void> {
  const exported = await chain.app.export(0n);
  const copy = await TestChain.start({
    accounts: {},
    validators: exported.validators.map(({ pubKeyType, pubKey, power }) => ({
      pubKey: { [pubKeyType]: pubKey },
      power,
    })),
    appState: exported.appState,
    params: exported.consensusParams,
    initialHeight: exported.height + 1n,
    invariantPeriod: 1n,
  });
  try {
    await copy.block();
    const again = await copy.app.export(0n);
    for (const [module, state] of Object.entries(exported.appState)) {
      if (!SURVIVES_A_BLOCK.has(module)) continue;
      if (JSON.stringify(again.appState[module]) !== JSON.stringify(state)) {
        throw new Error(`${module} is not the same after export and import`);
      }
    }
  } finally {
    await copy.close();
  }
}

/** Modules whose state a block without transactions, signatures or deadlines leaves alone. */
const SURVIVES_A_BLOCK = new Set(["auth", "authz", "feegrant"]);

function fromAbci({ pubKey, power }: abci.ValidatorUpdate): ValidatorUpdate {
  if (!pubKey?.ed25519) throw new Error("a validator update has no ed25519 key");
  return { pubKeyType: "ed25519", pubKey: pubKey.ed25519, power };
}
