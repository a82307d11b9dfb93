import { PageRequest } from "@interfirm/proto/gen/cosmos/base/query/v1beta1";
import type { Description } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { describe, expect, it } from "vitest";
import { govAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ONE } from "../kernel/decimal.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, TEST_PREFIX, type World } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import { BONDED_POOL } from "./pools.ts";
import { ownQueries, queries } from "./queries.ts";
import { msgs } from "./services.ts";
import { state } from "./state.ts";
import {
  composeStaking,
  createMsg,
  DENOM,
  keyOf,
  operatorOf,
  type StakingChain,
  startStaking,
  UNIT,
} from "./testing.ts";
import { consensusAddressOf } from "./validator.ts";

const RATES = { rate: ONE + 1n, maxRate: ONE, maxChangeRate: ONE };
const THREE_WEEKS = 1_814_400n;
const coin = (amount: bigint, denom = DENOM) => ({ denom, amount });
const staking = (code: number) => expect.objectContaining({ codespace: "staking", code });
const sdk = (code: number) => expect.objectContaining({ codespace: "sdk", code });
const address = (name: string): Uint8Array => consensusAddressOf(keyOf(name));

/** Everything that staking can keep: all statuses, queues, a replaced key, a capped power, history. */
function fillWith({ accounts, money, stake }: ReturnType<typeof composeStaking>) {
  const handlers = msgs(stake.keeper);
  const pay = (ctx: Ctx, name: string): void => {
    money.keeper.mint(ctx, "faucet", [coin(1000n * UNIT)]);
    money.keeper.sendFromModule(ctx, "faucet", addr(name), [coin(1000n * UNIT)]);
  };
  const pair = (delegator: string, validator: string, amount: bigint) => ({
    delegatorAddress: addr(delegator),
    validatorAddress: operatorOf(validator),
    amount: coin(amount),
  });
  return (world: World): void => {
    world.tx((ctx) => {
      for (const name of ["alice", "bob", "carol", "dave"]) pay(ctx, name);
      expect(accounts.keeper.has(ctx, addr("alice"))).toBe(true);
      for (const [name, units] of [
        ["alice", 70n],
        ["bob", 20n],
        ["carol", 10n],
      ] as const) {
        handlers.createValidator(ctx, createMsg(name, units * UNIT));
      }
      handlers.delegate(ctx, pair("dave", "alice", 3_333_333n));
      stake.keeper.setOwnParams(ctx, { powerCapBp: 4000, keyRotationsMax: 2 });
    });
    world.endBlock();
    world.beginBlock();
    world.tx((ctx) => {
      handlers.undelegate(ctx, pair("dave", "alice", 1_111_111n));
      handlers.undelegate(ctx, pair("alice", "alice", 5n));
      handlers.beginRedelegate(ctx, {
        delegatorAddress: addr("dave"),
        validatorSrcAddress: operatorOf("alice"),
        validatorDstAddress: operatorOf("bob"),
        amount: coin(777n),
      });
      stake.keeper.rotateKey(ctx, operatorOf("bob"), keyOf("bob 2"));
      stake.keeper.slash(ctx, address("alice"), ctx.height - 1n, 70n, ONE / 7n);
      stake.keeper.jail(ctx, address("carol"));
    });
    world.endBlock();
    world.beginBlock();
    world.endBlock();
  };
}

moduleLaws("staking", () => {
  const modules = composeStaking();
  return { module: modules.stake, modules: modules.list, fill: fillWith(modules) };
});

readmeLaws({
  module: composeStaking().stake,
  readme: new URL("README.md", import.meta.url),
  state,
  errors: fail,
  events: [
    "create_validator",
    "edit_validator",
    "delegate",
    "unbond",
    "cancel_unbonding_delegation",
    "redelegate",
    "complete_unbonding",
    "complete_redelegation",
    "interfirm.staking.v1.EventConsensusKeyRotated",
  ],
});

describe("stake", () => {
  it("unbonds, is slashed where it went, and is paid out", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    chain.delegate("carol", "alice", 7n * UNIT + 3n);
    expect(chain.block()).toEqual({ alice: 17n });
    chain.undelegate("carol", "alice", 2n * UNIT);
    chain.redelegate("carol", "alice", "bob", 1n * UNIT);
    expect(() => chain.redelegate("carol", "bob", "alice", 5n)).toThrow(staking(32));
    expect(chain.block()).toEqual({ alice: 14n, bob: 11n });
    const { height } = chain.world;
    const burnt = chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), height - 2n, 17n, ONE / 10n));
    expect(burnt).toBe(1_400_000n);
    expect(chain.validator("bob").tokens).toBe(11n * UNIT - 100_000n);
    expect(chain.world.broken()).toEqual([]);
    chain.block(THREE_WEEKS);
    chain.block();
    expect(chain.balance("carol")).toBe(10n ** 15n - 7n * UNIT - 3n + 1_800_000n);
    expect(chain.world.broken()).toEqual([]);
  });

  it("that a slash takes from an unbonded destination's last delegation does not stop the chain", () => {
    const chain = startStaking({ params: { maxValidators: 1 } });
    chain.create("alice", 10n * UNIT);
    chain.create("bob", UNIT);
    chain.block();
    chain.delegate("carol", "alice", 1000n);
    const { height } = chain.world;
    chain.redelegate("carol", "alice", "bob", 1000n);
    chain.undelegate("bob", "bob", UNIT);
    chain.block();
    chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), height, 10n, ONE));
    chain.block();
    expect(() => chain.validator("bob")).toThrow("no validator");
    expect(chain.world.broken()).toEqual([]);
  });

  it("of a validator that was slashed to nothing takes no more", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), ctx.height, 10n, ONE));
    expect(() => chain.delegate("carol", "alice", 1n)).toThrow(staking(34));
    expect(() => chain.undelegate("alice", "alice", 1n)).toThrow(staking(22));
    expect(chain.block()).toEqual({ alice: 0n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("keeps its shares within bounds whatever slashing does to their rate", () => {
    const chain = startStaking();
    chain.create("alice", 10n ** 14n);
    chain.create("bob", 10n * UNIT);
    chain.block();
    let refused: unknown;
    for (let i = 0; i < 30 && refused === undefined; i++) {
      const { tokens } = chain.validator("alice");
      // All but one token.
      const fraction = ((tokens - 1n) * ONE) / 10n ** 14n;
      chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), ctx.height, 10n ** 8n, fraction));
      try {
        chain.delegate("carol", "alice", 10n ** 13n);
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ codespace: "staking", code: 105 });
    chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), ctx.height - 1n, 10n ** 8n, ONE));
    chain.block();
    expect(chain.world.broken()).toEqual([]);
  });

  it("lets its operator go to jail when it falls below the promised minimum", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT, { minSelfDelegation: 9n * UNIT });
    chain.create("bob", UNIT);
    chain.block();
    chain.undelegate("alice", "alice", UNIT);
    expect(chain.block()).toEqual({ alice: 9n });
    chain.undelegate("alice", "alice", 1n);
    expect(chain.validator("alice").jailed).toBe(true);
    expect(chain.block()).toEqual({ alice: 0n });
    expect(chain.world.broken()).toEqual([]);
  });
});

describe("refusals", () => {
  function ready(): StakingChain {
    const chain = startStaking({ params: { minCommissionRate: ONE / 20n, maxEntries: 2 } });
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    chain.delegate("carol", "alice", 100n);
    return chain;
  }
  const blank: Description = { moniker: "", identity: "", website: "", securityContact: "", details: "" };
  const rates = { rate: ONE / 10n, maxRate: ONE / 2n, maxChangeRate: ONE / 100n };
  const create = (change: Parameters<typeof createMsg>[2]) => (chain: StakingChain) =>
    chain.create("dave", UNIT, change);
  const edit =
    (change: { readonly rate?: bigint; readonly least?: bigint; readonly moniker?: string }) => (chain: StakingChain) =>
      chain.world.tx((ctx) =>
        chain.msgs.editValidator(ctx, {
          validatorAddress: operatorOf("alice"),
          description: { ...blank, moniker: change.moniker ?? "alice" },
          commissionRate: change.rate,
          minSelfDelegation: change.least,
        }),
      );
  const HUGE = (1n << 256n) - 1n;

  it.each<[string, (chain: StakingChain) => void, unknown]>([
    ["an operator with a validator", (chain) => chain.create("alice", UNIT, { pubkey: keyOf("x") }), staking(4)],
    ["a key in use", create({ pubkey: keyOf("alice") }), staking(5)],
    ["no key", create({ pubkey: undefined }), staking(39)],
    ["a key that is none", create({ pubkey: { typeUrl: "/x", value: new Uint8Array(3) } }), sdk(8)],
    ["a commission above 1", create({ commission: { ...rates, maxRate: ONE + 1n } }), staking(10)],
    ["a negative highest commission", create({ commission: { ...rates, maxRate: -1n } }), staking(9)],
    ["a negative commission", create({ commission: { ...rates, rate: -1n } }), staking(9)],
    ["a commission above the highest", create({ commission: { ...rates, rate: ONE } }), staking(11)],
    ["a negative daily change", create({ commission: { ...rates, maxChangeRate: -1n } }), staking(13)],
    ["a daily change above the highest", create({ commission: { ...rates, maxChangeRate: ONE } }), staking(14)],
    ["a commission below the least", create({ commission: { ...rates, rate: ONE / 21n } }), staking(40)],
    ["a minimum above the stake", create({ minSelfDelegation: UNIT + 1n }), staking(16)],
    ["no minimum", create({ minSelfDelegation: 0n }), sdk(18)],
    ["an empty description", create({ description: blank }), sdk(18)],
    ["a long moniker", create({ description: { ...blank, moniker: "é".repeat(36) } }), sdk(18)],
    ["another denomination", create({ value: coin(UNIT, "uusd") }), sdk(18)],
    ["no stake", create({ value: coin(0n) }), sdk(18)],
    ["more than the account has", create({ value: coin(10n ** 16n) }), sdk(5)],
    ["an operator that is an account", create({ validatorAddress: addr("dave") }), sdk(7)],
    ["a second change of commission in a day", edit({ rate: ONE / 9n }), staking(12)],
    ["a commission above 1 later", edit({ rate: ONE + 1n }), sdk(18)],
    ["a commission below the least later", edit({ rate: 0n }), sdk(18)],
    ["a lower minimum", edit({ least: 1n }), staking(17)],
    ["a minimum above the tokens", edit({ least: 11n * UNIT }), staking(16)],
    ["a minimum of 0", edit({ least: 0n }), sdk(18)],
    ["a description of nothing", edit({ moniker: "" }), sdk(18)],
    ["a delegation to nobody", (chain) => chain.delegate("carol", "erin", 1n), staking(3)],
    ["a delegation of nothing", (chain) => chain.delegate("carol", "alice", 0n), sdk(18)],
    ["a delegation of more than all", (chain) => chain.delegate("carol", "alice", HUGE), sdk(5)],
    ["a delegation of 2^256", (chain) => chain.delegate("carol", "alice", HUGE + 1n), sdk(18)],
    ["taking what is not there", (chain) => chain.undelegate("dave", "alice", 1n), staking(19)],
    ["taking too much", (chain) => chain.undelegate("carol", "alice", 101n), sdk(18)],
    ["taking 2^256 − 1", (chain) => chain.undelegate("carol", "alice", HUGE), sdk(18)],
    ["redelegating to itself", (chain) => chain.redelegate("carol", "alice", "alice", 1n), staking(29)],
    ["redelegating to nobody", (chain) => chain.redelegate("carol", "alice", "erin", 1n), staking(31)],
    ["redelegating from nobody", (chain) => chain.redelegate("carol", "erin", "alice", 1n), staking(3)],
    ["redelegating too much", (chain) => chain.redelegate("carol", "alice", "bob", 101n), sdk(18)],
    [
      "a third way out at a time",
      (chain) => {
        for (let i = 0; i < 3; i++) {
          chain.undelegate("carol", "alice", 1n);
          chain.block();
        }
      },
      staking(27),
    ],
    [
      "a third redelegation at a time",
      (chain) => {
        for (let i = 0; i < 3; i++) chain.redelegate("carol", "alice", "bob", 1n);
      },
      staking(33),
    ],
    [
      "more redelegations than a slash can go after",
      (chain) => {
        chain.world.tx((ctx) => state.openRedelegations.set(ctx, operatorOf("alice"), 5000n));
        try {
          chain.redelegate("carol", "alice", "bob", 1n);
        } finally {
          chain.undelegate("carol", "alice", 1n);
          chain.world.tx((ctx) => state.openRedelegations.delete(ctx, operatorOf("alice")));
        }
      },
      staking(106),
    ],
  ])("has a typed error for %s", (_, act, error) => {
    const chain = ready();
    const before = chain.world.dump("staking");
    expect(() => act(chain)).toThrow(error);
    if (act.length === 1 && chain.world.dump("staking") === before) chain.block();
    expect(chain.world.broken()).toEqual([]);
  });

  it("hears only governance about parameters, and only sound ones", () => {
    const { world, msgs: handlers, ownMsgs, keeper } = ready();
    const authority = govAuthority(TEST_PREFIX);
    const params = world.query((ctx) => keeper.params(ctx));
    const update = (change: Partial<typeof params>, by = authority) =>
      world.tx((ctx) => handlers.updateParams(ctx, { authority: by, params: { ...params, ...change } }));
    expect(() => update({}, addr("alice"))).toThrow(expect.objectContaining({ codespace: "gov", code: 13 }));
    for (const change of [
      { unbondingTime: { seconds: 0n, nanos: 0 } },
      { unbondingTime: { seconds: -1n, nanos: 0 } },
      { unbondingTime: { seconds: 2n ** 62n, nanos: 0 } },
      { maxValidators: 0 },
      { maxValidators: 1001 },
      { maxEntries: 0 },
      { maxEntries: 4_294_967_295 },
      { bondDenom: "x" },
      { bondDenom: "uusd" },
      { minCommissionRate: -1n },
      { minCommissionRate: ONE + 1n },
    ]) {
      expect(() => update(change)).toThrow(staking(101));
    }
    update({ maxValidators: 1000, minCommissionRate: ONE });
    const own = (powerCapBp: number, keyRotationsMax = 1, by = authority) =>
      world.tx((ctx) => ownMsgs.updateParams(ctx, { authority: by, params: { powerCapBp, keyRotationsMax } }));
    expect(() => own(10_001)).toThrow(staking(101));
    expect(() => own(1, 101)).toThrow(staking(101));
    expect(() => own(1, 1, addr("alice"))).toThrow(expect.objectContaining({ codespace: "gov", code: 13 }));
    own(10_000, 100);
  });
});

describe("a genesis", () => {
  const { stake } = composeStaking();
  const { empty, validate } = stake.genesis;
  const chain = startStaking();
  chain.create("alice", 10n * UNIT);
  chain.block();
  const good = chain.world.query((ctx) => stake.genesis.export(ctx));
  const [alice] = good.validators;

  it.each<[string, Partial<typeof good>, string]>([
    ["a validator twice", { validators: [alice!, alice!] }, "is there twice"],
    ["a status of nothing", { validators: [{ ...alice!, status: 0 }] }, "status of"],
    ["one bonded and jailed", { exported: false, validators: [{ ...alice!, jailed: true }] }, "bonded and jailed"],
    ["an unbonded one without shares", { validators: [{ ...alice!, status: 1, delegatorShares: 0n }] }, "no shares"],
    ["more power than can be", { validators: [{ ...alice!, tokens: 10n ** 24n }] }, "tokens, want 0"],
    [
      "a commission above 1",
      { validators: [{ ...alice!, commission: { ...alice!.commission, commissionRates: RATES } }] },
      "want 0 to 1",
    ],
    ["shares that nobody has", { delegations: [] }, "not the sum of its delegations"],
    ["a delegation to nobody", { validators: [] }, "want to a validator"],
    ["a delegation twice", { delegations: [...good.delegations, ...good.delegations] }, "is there twice"],
    ["a power of nobody", { lastValidatorPowers: [{ address: operatorOf("bob"), power: 1n }] }, "last power of"],
    ["unsound parameters", { params: { ...good.params, maxValidators: 0 } }, "max_validators is 0"],
  ])("with %s is refused", (_, change, why) => {
    validate(good, TEST_PREFIX);
    expect(() => validate({ ...good, ...change }, TEST_PREFIX)).toThrow(why);
  });

  it("whose pools hold another amount is refused", () => {
    const other = composeStaking();
    const genesis = { ...empty, ...good };
    expect(() =>
      chain.world.tx((ctx) => stake.genesis.init(ctx, { ...genesis, delegations: [], validators: [] })),
    ).toThrow(BONDED_POOL);
    expect(other.stake.genesis.empty.exported).toBe(false);
  });

  it("of the SDK, without our part, fills the queues from the entries", () => {
    const { world, create, undelegate, block, modules } = startStaking();
    create("alice", 10n * UNIT);
    block();
    undelegate("alice", "alice", 3n);
    const exported = world.query((ctx) => modules.stake.genesis.export(ctx));
    const second = startStaking();
    second.world.tx((ctx) => {
      const pools = second.modules.money.keeper;
      for (const [pool, amount] of [
        ["bonded_tokens_pool", 10n * UNIT - 3n],
        ["not_bonded_tokens_pool", 3n],
      ] as const) {
        pools.mint(ctx, "faucet", [coin(amount)]);
        pools.sendBetweenModules(ctx, "faucet", pool, [coin(amount)]);
      }
      expect(second.modules.stake.genesis.init(ctx, { ...exported, interfirm: undefined })).toEqual([
        expect.objectContaining({ power: 10n }),
      ]);
    });
    expect(second.world.broken()).toEqual([]);
  });
});

describe("queries", () => {
  const modules = composeStaking();
  const handlers = queries(modules.stake.keeper);
  const own = ownQueries(modules.stake.keeper);
  const chain = startStaking({ params: { historicalEntries: 5 } });
  for (const [name, units] of [
    ["alice", 30n],
    ["bob", 20n],
    ["carol", 10n],
  ] as const) {
    chain.create(name, units * UNIT);
  }
  chain.block();
  chain.delegate("dave", "alice", 500n);
  chain.delegate("dave", "bob", 600n);
  chain.undelegate("dave", "alice", 100n);
  chain.redelegate("dave", "alice", "bob", 50n);
  chain.world.tx((ctx) => chain.keeper.rotateKey(ctx, operatorOf("carol"), keyOf("erin")));
  chain.world.tx((ctx) => chain.keeper.jail(ctx, address("bob")));
  chain.block();
  const ask = <R>(query: (ctx: QueryCtx) => R): R => chain.world.query(query);
  const pagination = undefined;
  const dave = addr("dave");
  const [alice, bob, carol] = ["alice", "bob", "carol"].map(operatorOf) as [string, string, string];
  const page = (limit: bigint, key: Uint8Array = new Uint8Array(0)) => PageRequest.fromPartial({ limit, key });

  it("tell validators by status and page by page", () => {
    const operators = (status: string) =>
      ask((ctx) => handlers.validators(ctx, { status, pagination })).validators.map((v) => v.operatorAddress);
    expect(operators("").length).toBe(3);
    expect(operators("BOND_STATUS_UNBONDING")).toEqual([bob]);
    expect(new Set(operators("BOND_STATUS_BONDED"))).toEqual(new Set([alice, carol]));
    expect(operators("BOND_STATUS_UNBONDED")).toEqual([]);
    expect(() => operators("bonded")).toThrow(sdk(18));
    const first = ask((ctx) => handlers.validators(ctx, { status: "", pagination: page(2n) }));
    const second = ask((ctx) =>
      handlers.validators(ctx, { status: "", pagination: page(2n, first.pagination?.nextKey) }),
    );
    expect([...first.validators, ...second.validators].map((v) => v.operatorAddress)).toEqual(operators(""));
    expect(ask((ctx) => handlers.validator(ctx, { validatorAddr: alice })).validator.tokens).toBe(30n * UNIT + 350n);
    expect(() => ask((ctx) => handlers.validator(ctx, { validatorAddr: operatorOf("erin") }))).toThrow(sdk(22));
    expect(() => ask((ctx) => handlers.validator(ctx, { validatorAddr: "" }))).toThrow(sdk(18));
    expect(() => ask((ctx) => handlers.validator(ctx, { validatorAddr: dave }))).toThrow(sdk(7));
  });

  it("tell delegations by delegator and by validator", () => {
    const one = ask((ctx) => handlers.delegation(ctx, { delegatorAddr: dave, validatorAddr: alice }));
    expect(one.delegationResponse?.balance).toEqual(coin(350n));
    const all = ask((ctx) => handlers.delegatorDelegations(ctx, { delegatorAddr: dave, pagination }));
    expect(new Set(all.delegationResponses.map(({ balance }) => balance.amount))).toEqual(new Set([350n, 650n]));
    const to = ask((ctx) => handlers.validatorDelegations(ctx, { validatorAddr: alice, pagination }));
    expect(to.delegationResponses.length).toBe(2);
    const of = ask((ctx) => handlers.delegatorValidators(ctx, { delegatorAddr: dave, pagination }));
    expect(new Set(of.validators.map((v) => v.operatorAddress))).toEqual(new Set([alice, bob]));
    const validator = ask((ctx) => handlers.delegatorValidator(ctx, { delegatorAddr: dave, validatorAddr: bob }));
    expect(validator.validator.operatorAddress).toBe(bob);
    const none = { delegatorAddr: dave, validatorAddr: carol };
    expect(() => ask((ctx) => handlers.delegation(ctx, none))).toThrow(sdk(22));
    expect(() => ask((ctx) => handlers.delegatorValidator(ctx, none))).toThrow(staking(19));
    expect(() => ask((ctx) => handlers.delegation(ctx, { ...none, delegatorAddr: "" as typeof dave }))).toThrow(
      sdk(18),
    );
  });

  it("tell what is on its way", () => {
    const pair = { delegatorAddr: dave, validatorAddr: alice };
    expect(ask((ctx) => handlers.unbondingDelegation(ctx, pair)).unbond.entries[0]?.balance).toBe(100n);
    expect(() => ask((ctx) => handlers.unbondingDelegation(ctx, { ...pair, validatorAddr: bob }))).toThrow(sdk(22));
    const by = ask((ctx) => handlers.delegatorUnbondingDelegations(ctx, { delegatorAddr: dave, pagination }));
    const from = ask((ctx) => handlers.validatorUnbondingDelegations(ctx, { validatorAddr: alice, pagination }));
    expect(by.unbondingResponses).toEqual(from.unbondingResponses);
    const find = (delegatorAddr: string, srcValidatorAddr: string, dstValidatorAddr: string) =>
      ask((ctx) =>
        handlers.redelegations(ctx, {
          delegatorAddr: delegatorAddr as typeof dave,
          srcValidatorAddr,
          dstValidatorAddr,
          pagination,
        }),
      ).redelegationResponses;
    const [one] = find(dave, alice, bob);
    expect(one?.entries[0]).toMatchObject({ balance: 50n });
    expect(find(dave, "", "")).toEqual([one]);
    expect(find("", alice, "")).toEqual([one]);
    expect(() => find(dave, bob, alice)).toThrow(sdk(6));
    expect(() => find(dave, bob, alice)).toThrow(
      /^rpc error: code = Internal .* redelegation not found for delegator /,
    );
    expect(() => find("", "", bob)).toThrow(sdk(18));
  });

  it("tell pools, parameters, history and replaced keys", () => {
    const { pool } = ask((ctx) => handlers.pool(ctx, {}));
    expect(pool).toEqual({ bondedTokens: 40n * UNIT + 350n, notBondedTokens: 20n * UNIT + 650n + 100n });
    expect(ask((ctx) => handlers.params(ctx, {})).params.bondDenom).toBe(DENOM);
    const { height } = chain.world;
    const { hist } = ask((ctx) => handlers.historicalInfo(ctx, { height }));
    expect(hist?.valset.map((v) => v.operatorAddress)).toEqual([alice, carol]);
    expect(() => ask((ctx) => handlers.historicalInfo(ctx, { height: height + 1n }))).toThrow(sdk(22));
    expect(() => ask((ctx) => handlers.historicalInfo(ctx, { height: -1n }))).toThrow(sdk(18));
    expect(ask((ctx) => own.params(ctx, {})).params).toEqual({ powerCapBp: 0, keyRotationsMax: 1 });
    const rotations = (operatorAddress: string) =>
      ask((ctx) => own.keyRotations(ctx, { operatorAddress, pagination })).keyRotations;
    expect(rotations("")).toEqual(rotations(carol));
    expect(rotations(carol)[0]?.oldPubkey).toEqual(keyOf("carol"));
    expect(rotations(alice)).toEqual([]);
  });
});
