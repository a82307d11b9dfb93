/** Governance in a world of its own: auth and bank as they are, staking and the router by tables. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import type { MessageType } from "@interfirm/proto/types";
import { auth } from "../auth/module.ts";
import { messageSigners } from "../auth/signers.ts";
import { bank } from "../bank/module.ts";
import { type Address, addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import type { Coin } from "../kernel/coins.ts";
import type { Ctx } from "../kernel/context.ts";
import { type Dec, fromInt } from "../kernel/decimal.ts";
import type { AnyModule } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addr, createWorld, TEST_PREFIX, type WorldOptions } from "../kernel/testing.ts";
import type { Budget } from "./deposits.ts";
import type { Messages } from "./execute.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { governance } from "./module.ts";
import type { Staking } from "./power.ts";

const registry = createRegistry(allTypes);

export const pack = <T>(type: MessageType<T>, message: Parameters<MessageType<T>["fromPartial"]>[0]): Any => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(message)).finish(),
});

/** Operator address of an account. */
export const operatorOf = (account: Address, prefix = TEST_PREFIX): string =>
  bytesToAddress(addressToBytes(account, prefix), validatorPrefix(prefix));

/** Routes to the modules' own handlers, as the application does. */
function routerOf(modules: () => readonly AnyModule[]): Messages {
  const methods = () =>
    modules().flatMap((module) =>
      (module.msgs ?? []).flatMap(({ type, handlers }) =>
        Object.entries(type.methods).map(([name, method]) => ({ method, handler: handlers[name]! })),
      ),
    );
  const typeOf = ({ typeUrl }: Any) => {
    const type = registry.get(typeUrl);
    if (!type) throw sdkError.unpackAny(`type URL is ${typeUrl}, want a registered one`);
    return type;
  };
  const signers = (ctx: { readonly addressPrefix: string }, message: Any): readonly Address[] =>
    messageSigners(typeOf(message), typeOf(message).decode(message.value), ctx.addressPrefix);
  return {
    handles: (typeUrl) => methods().some(({ method }) => method.input.typeUrl === typeUrl),
    signers,
    dispatch(ctx, message, signer) {
      if (signers(ctx, message).join() !== signer) throw sdkError.unauthorized(`signer is not ${signer}`);
      const route = methods().find(({ method }) => method.input.typeUrl === message.typeUrl);
      if (!route) throw sdkError.unknownRequest(`no handler for ${message.typeUrl}`);
      return route.handler(ctx, typeOf(message).decode(message.value) as never);
    },
  };
}

export interface FakeValidator {
  tokens: bigint;
  shares: Dec;
}

/** Stake as tables, which a test changes; `change` tells governance before it does, as staking's hooks do. */
export class FakeStaking implements Staking {
  readonly validators = new Map<string, FakeValidator>();
  /** By delegator, then operator. */
  readonly stakes = new Map<Address, Map<string, Dec>>();
  bonded: bigint | undefined;
  hooks: ReturnType<typeof governance>["keeper"]["stakingHooks"] | undefined;

  bondedByPower() {
    const list = [...this.validators].sort(([, a], [, b]) => (a.tokens < b.tokens ? 1 : a.tokens > b.tokens ? -1 : 0));
    return list.map(
      ([operatorAddress, { tokens, shares: delegatorShares }]) =>
        ({ operatorAddress, tokens, delegatorShares }) as ReturnType<Staking["bondedByPower"]> extends Iterable<infer V>
          ? V
          : never,
    );
  }

  totalBonded(): bigint {
    return this.bonded ?? [...this.validators.values()].reduce((sum, { tokens }) => sum + tokens, 0n);
  }

  delegation(_: unknown, delegator: Address, operator: string) {
    const shares = this.stakes.get(delegator)?.get(operator);
    return shares === undefined ? undefined : { validatorAddress: operator, shares };
  }

  delegationsOf(_: unknown, delegator: Address, limit: number) {
    return [...(this.stakes.get(delegator) ?? [])]
      .slice(0, limit)
      .map(([validatorAddress, shares]) => ({ validatorAddress, shares }));
  }

  /** Sets the shares of a delegation at one token a share, and the validator's with them. */
  change(ctx: Ctx | undefined, delegator: Address, operator: string, tokens: bigint): void {
    const mine = this.stakes.get(delegator) ?? new Map<string, Dec>();
    this.stakes.set(delegator, mine);
    const before = mine.get(operator);
    if (ctx) {
      if (before === undefined) this.hooks?.beforeDelegationCreated?.(ctx, delegator, operator);
      else this.hooks?.beforeDelegationSharesModified?.(ctx, delegator, operator, true);
    }
    const validator = this.validators.get(operator) ?? { tokens: 0n, shares: 0n };
    const shares = fromInt(tokens);
    // What leaves is worth what slashes have left of it.
    if (before !== undefined && validator.shares > 0n)
      validator.tokens -= (before * validator.tokens) / validator.shares;
    validator.tokens += tokens;
    validator.shares += shares - (before ?? 0n);
    this.validators.set(operator, validator);
    if (shares === 0n) mine.delete(operator);
    else mine.set(operator, shares);
  }
}

export const DENOM = "ufirm";
const MODULE_ACCOUNTS = { fee_collector: [], gov: ["burner"], distribution: [], mint: ["minter"] } as const;

export interface GovWorldOptions extends WorldOptions {
  readonly accounts?: readonly Address[];
  readonly coins?: readonly Coin[];
  readonly hooks?: readonly GovernanceHooks[];
  /** Another way to handle messages of some types: to fail, or to be seen. */
  readonly handle?: Readonly<Record<string, (ctx: Ctx) => void>>;
  readonly perBlock?: Budget;
  /** Rules of other modules about payments. */
  readonly restrictions?: Parameters<typeof bank>[0]["restrictions"];
  readonly moduleAccounts?: Parameters<typeof auth>[0]["moduleAccounts"];
}

export function createGovWorld(options: GovWorldOptions = {}) {
  const { accounts = ["a", "b", "c", "d"].map((name) => addr(name)), hooks, handle = {} } = options;
  const coins = options.coins ?? [{ denom: DENOM, amount: 1_000_000_000n }];
  const staking = new FakeStaking();
  const accountsModule = auth({ moduleAccounts: options.moduleAccounts ?? MODULE_ACCOUNTS });
  const money = bank({
    accounts: accountsModule.keeper,
    blockedModules: ["gov", "distribution"],
    restrictions: options.restrictions,
  });
  const list: AnyModule[] = [];
  const router = routerOf(() => list);
  const messages: Messages = {
    ...router,
    handles: (typeUrl) => typeUrl in handle || router.handles(typeUrl),
    dispatch(ctx, message, signer) {
      const own = handle[message.typeUrl];
      return own ? own(ctx) : router.dispatch(ctx, message, signer);
    },
  };
  const pool = {
    address: (ctx: Parameters<typeof accountsModule.keeper.moduleAddress>[0]) =>
      accountsModule.keeper.moduleAddress(ctx, "distribution"),
    fund: (ctx: Ctx, _: Address, amount: readonly Coin[]) =>
      money.keeper.sendBetweenModules(ctx, "gov", "distribution", amount),
  };
  const gov = governance({
    accounts: accountsModule.keeper,
    bank: money.keeper,
    staking,
    messages,
    communityPool: pool,
    hooks,
    perBlock: options.perBlock,
  });
  staking.hooks = gov.keeper.stakingHooks;
  const modules = [accountsModule, money, gov];
  list.push(...modules);
  const world = createWorld(modules, options);
  const genesis = {
    bank: { ...money.genesis.empty, balances: accounts.map((address) => ({ address, coins })) },
  };
  return { world, modules, gov, bank: money, auth: accountsModule, staking, genesis, router };
}
