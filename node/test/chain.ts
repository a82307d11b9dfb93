/** A chain without CometBFT: the application over a real database, fed with ABCI requests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@interfirm/modules/kernel/address";
import type { Coin } from "@interfirm/modules/kernel/coins";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import type { DeepPartial, Method } from "@interfirm/proto/types";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { interfirmModules } from "../app/app.ts";
import {
  type Application,
  type ApplicationOptions,
  createApplication,
  storeKeysOf,
  storeUpgradesOf,
} from "../app/application.ts";
import type { Composition } from "../app/composition.ts";
import { MultiStore } from "../store/multistore.ts";
import { PRUNING } from "../store/pruning.ts";
import { type AnyMessage, account, signTx, type TestAccount, type TxOptions, verifier } from "./accounts.ts";

export const CHAIN_ID = "firm-test-1";
/** 2026-01-01T00:00:00Z in nanoseconds since 1970. */
export const GENESIS_TIME = 1_767_225_600_000_000_000n;
const BLOCK_NS = 1_000_000_000n;

export const PARAMS: DeepPartial<ConsensusParams> = {
  block: { maxBytes: 4_194_304n, maxGas: -1n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 1_048_576n },
  validator: { pubKeyTypes: ["ed25519"] },
};

export const VALIDATOR_KEY = new Uint8Array(32).fill(7);

export interface ChainOptions extends Partial<Omit<ApplicationOptions, "store" | "composition">> {
  readonly composition?: (() => Composition) | undefined;
  /** Accounts of the genesis, by name, with their coins. */
  readonly accounts?: Readonly<Record<string, readonly Coin[]>>;
  readonly params?: DeepPartial<ConsensusParams>;
  /** Validators that the genesis file lists: one, unless said otherwise. */
  readonly validators?: DeepPartial<abci.RequestInitChain>["validators"];
  readonly initialHeight?: bigint;
  /** More of `app_state`. */
  readonly appState?: Readonly<Record<string, unknown>>;
  readonly prefix?: string;
  readonly home?: string;
}

/** The modules of the real chain. A bug in a message that a proposal carries ends the test, unless it waits for one. */
export const realModules = (onBug: (bug: Error) => void = rethrow): Composition =>
  interfirmModules({ verifier, onBug });

function rethrow(bug: Error): never {
  throw bug;
}

export interface Numbers {
  accountNumber: bigint;
  sequence: bigint;
}

export class TestChain {
  readonly home: string;
  readonly #options: ChainOptions;
  readonly #numbers = new Map<string, Numbers>();
  readonly accounts: ReadonlyMap<string, TestAccount>;
  app!: Application;
  store!: MultiStore;
  /** Of the latest block that was started. */
  height: bigint;

  private constructor(options: ChainOptions) {
    this.#options = options;
    this.home = options.home ?? mkdtempSync(join(tmpdir(), "interfirm-app-"));
    this.height = (options.initialHeight ?? 1n) - 1n;
    const names = Object.keys(options.accounts ?? DEFAULT_ACCOUNTS);
    this.accounts = new Map(names.map((name) => [name, account(name, options.prefix)]));
    for (const [index, name] of names.entries()) {
      this.#numbers.set(name, { accountNumber: BigInt(index), sequence: 0n });
    }
  }

  /** Opens a new chain and gives it its genesis. */
  static start(options: ChainOptions = {}): Promise<TestChain> {
    return TestChain.resume(options);
  }

  /** Goes on with what the home has, as after a crash; without a commit there, genesis comes again. */
  static async resume(options: ChainOptions = {}): Promise<TestChain> {
    const chain = new TestChain(options);
    await chain.open();
    if (chain.store.version === 0n) await chain.app.handlers.initChain(chain.genesis());
    else chain.height = chain.store.version;
    return chain;
  }

  /** Opens the application on whatever is on disk. */
  async open(): Promise<void> {
    const { composition = realModules, home: _, ...rest } = this.#options;
    const modules = composition();
    this.store = await MultiStore.open({
      path: join(this.home, "application.db"),
      storeKeys: storeKeysOf(modules),
      pruning: PRUNING.nothing,
      upgrades: storeUpgradesOf(modules, rest.skippedUpgrades),
    });
    this.app = createApplication({
      logger: silentLogger,
      minGasPrices: [],
      version: { name: "interfirm", appName: "interfirmd", version: "0.1.0", gitCommit: "", cosmosSdkVersion: "" },
      config: { minimumGasPrices: "", pruningKeepRecent: "0", pruningInterval: "0", haltHeight: 0n },
      ...rest,
      composition: modules,
      store: this.store,
    });
  }

  /** Ends the process's view of the database and opens it again, as after a crash or a restart. */
  async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
    this.height = this.store.version;
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  genesis(changes: DeepPartial<abci.RequestInitChain> = {}): abci.RequestInitChain {
    const { accounts = DEFAULT_ACCOUNTS, params = PARAMS, initialHeight = 1n, appState = {} } = this.#options;
    const state = { ...genesisState(accounts, this.#options.prefix ?? "firm"), ...appState };
    return abci.RequestInitChain.fromPartial({
      time: nsToTimestamp(GENESIS_TIME),
      chainId: CHAIN_ID,
      consensusParams: params,
      validators: this.#options.validators ?? [{ pubKey: { ed25519: VALIDATOR_KEY }, power: 10n }],
      appStateBytes: new TextEncoder().encode(JSON.stringify(state)),
      initialHeight,
      ...changes,
    });
  }

  of(name: string): TestAccount {
    const found = this.accounts.get(name);
    if (!found) throw new Error(`no test account ${name}`);
    return found;
  }

  address(name: string): Address {
    return this.of(name).address;
  }

  /** Signs with the account's next sequence, and counts it up. */
  tx(name: string, messages: readonly AnyMessage[], options: Partial<TxOptions> = {}): Uint8Array {
    const numbers = this.#numbers.get(name)!;
    const bytes = signTx(this.of(name), messages, { chainId: CHAIN_ID, ...numbers, ...options });
    if (options.sequence === undefined) numbers.sequence++;
    return bytes;
  }

  numbers(name: string): Numbers {
    return this.#numbers.get(name)!;
  }

  request(txs: readonly Uint8Array[], height = this.height + 1n): abci.RequestFinalizeBlock {
    return abci.RequestFinalizeBlock.fromPartial({
      txs,
      height,
      time: nsToTimestamp(GENESIS_TIME + height * BLOCK_NS),
      decidedLastCommit: { round: 0, votes: [] },
      hash: new Uint8Array(32).fill(Number(height % 256n)),
      nextValidatorsHash: new Uint8Array(32).fill(1),
      proposerAddress: new Uint8Array(20).fill(1),
    });
  }

  async finalize(txs: readonly Uint8Array[] = []): Promise<abci.ResponseFinalizeBlock> {
    const response = await this.app.handlers.finalizeBlock(this.request(txs));
    this.height++;
    return response;
  }

  async block(txs: readonly Uint8Array[] = []): Promise<abci.ResponseFinalizeBlock> {
    const response = await this.finalize(txs);
    await this.app.handlers.commit({});
    return response;
  }

  async check(tx: Uint8Array, recheck = false): Promise<abci.ResponseCheckTx> {
    return this.app.handlers.checkTx({ tx, type: recheck ? abci.CheckTxType.RECHECK : abci.CheckTxType.NEW });
  }

  async abciQuery(path: string, data: Uint8Array, height = 0n, prove = false): Promise<abci.ResponseQuery> {
    return this.app.handlers.query({ path, data, height, prove });
  }

  /** A method of a service. Throws on a code. */
  async query<I, O>(service: string, method: Method<I, O>, request: DeepPartial<I>, height = 0n): Promise<O> {
    const data = method.input.encode(method.input.fromPartial(request)).finish();
    const { code, log, value } = await this.abciQuery(`/${service}/${method.name}`, data, height);
    if (code !== 0) throw new Error(`${code}: ${log}`);
    return method.output.decode(value);
  }
}

const DEFAULT_ACCOUNTS: Readonly<Record<string, readonly Coin[]>> = {
  alice: [{ denom: "ufirm", amount: 1_000_000_000n }],
  bob: [{ denom: "ufirm", amount: 1_000_000_000n }],
  carol: [{ denom: "ufirm", amount: 1_000_000n }],
};

function genesisState(accounts: Readonly<Record<string, readonly Coin[]>>, prefix: string) {
  const names = Object.keys(accounts);
  return {
    chain: { bech32_prefix: prefix },
    auth: {
      params: {
        max_memo_characters: "256",
        tx_sig_limit: "7",
        tx_size_cost_per_byte: "10",
        sig_verify_cost_ed25519: "590",
        sig_verify_cost_secp256k1: "1000",
      },
      accounts: names.map((name, index) => ({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        address: account(name, prefix).address,
        pub_key: null,
        account_number: `${index}`,
        sequence: "0",
      })),
    },
    bank: {
      params: { send_enabled: [], default_send_enabled: true },
      balances: names.map((name) => ({
        address: account(name, prefix).address,
        coins: (accounts[name] ?? []).map(({ denom, amount }) => ({ denom, amount: `${amount}` })),
      })),
      supply: [],
      denom_metadata: [],
      send_enabled: [],
    },
    // No new coins: what tests count stays what they gave.
    mint: {
      minter: { inflation: "0", annual_provisions: "0" },
      params: {
        mint_denom: "ufirm",
        inflation_rate_change: "0",
        inflation_max: "0",
        inflation_min: "0",
        goal_bonded: "0.67",
        blocks_per_year: "6311520",
      },
    },
  };
}
