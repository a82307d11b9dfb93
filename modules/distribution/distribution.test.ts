import { PageRequest } from "@interfirm/proto/gen/cosmos/base/query/v1beta1";
import { describe, expect, it } from "vitest";
import { addressToBytes, bytesToAddress, consensusPrefix } from "../kernel/address.ts";
import { format, ONE } from "../kernel/decimal.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { formatDecCoins } from "./dec-coins.ts";
import { fail } from "./errors.ts";
import {
  alice,
  aliceOper,
  bob,
  bobOper,
  carol,
  coin,
  collector,
  distributor,
  dora,
  eventsOf,
  gov,
  jailhouse,
  setup,
  vote,
} from "./fixture.ts";
import { state } from "./state.ts";
import { compose, consensusAddressOf, operatorOf } from "./testing.ts";

moduleLaws("distribution", () => {
  const { money, stakes, shares, modules } = compose();
  return {
    module: shares,
    modules,
    fill(world) {
      world.tx((ctx) => {
        money.keeper.mint(ctx, "mint", [coin(10n ** 9n), coin(10n ** 6n, "uusd")]);
        money.keeper.sendFromModule(ctx, "mint", alice, [coin(10n ** 9n), coin(10n ** 6n, "uusd")]);
        const operator = stakes.createValidator(ctx, alice, ONE / 10n);
        stakes.delegate(ctx, alice, operator, 1000n);
        stakes.delegate(ctx, bob, operator, 333n);
        shares.keeper.setWithdrawAddress(ctx, bob, carol);
        shares.keeper.fundCommunityPool(ctx, alice, [coin(7n, "uusd")]);
        money.keeper.sendToModule(ctx, alice, "fee_collector", [coin(1001n), coin(13n, "uusd")]);
      });
      world.beginBlock({ lastCommit: [vote(aliceOper, 10n)], proposer: consensusAddressOf(aliceOper) });
      world.tx((ctx) => stakes.slash(ctx, aliceOper, ONE / 7n));
      world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 50n));
      world.tx((ctx) => shares.keeper.depositRewards(ctx, alice, aliceOper, [coin(77n)]));
    },
  };
});

describe("sharing out", () => {
  it("gives validators their part of fees by power, operators their commission, the community pool its tax", () => {
    const { world, validator, block, outstanding, rewards, pool, keeper, balance } = setup();
    validator(alice, ONE / 10n, 1000n);
    validator(bob, 0n, 3000n);
    world.events.length = 0;
    block([coin(1000n), coin(100n, "uusd")], [vote(bobOper, 30n), vote(aliceOper, 10n)]);
    expect(outstanding(aliceOper)).toBe("245.000000000000000000ufirm,24.500000000000000000uusd");
    expect(outstanding(bobOper)).toBe("735.000000000000000000ufirm,73.500000000000000000uusd");
    expect(pool()).toBe("20.000000000000000000ufirm,2.000000000000000000uusd");
    expect(formatDecCoins(world.query((ctx) => keeper.commission(ctx, aliceOper)))).toBe(
      "24.500000000000000000ufirm,2.450000000000000000uusd",
    );
    world.beginBlock();
    expect(rewards(alice, aliceOper)).toBe("220.500000000000000000ufirm,22.050000000000000000uusd");
    expect(balance(collector)).toBe(0n);
    expect(balance(distributor)).toBe(1000n);
    expect(eventsOf(world, "commission", "rewards").slice(0, 4)).toEqual([
      ["commission", "amount=", `validator=${bobOper}`],
      ["rewards", "amount=735.000000000000000000ufirm,73.500000000000000000uusd", `validator=${bobOper}`],
      ["commission", "amount=24.500000000000000000ufirm,2.450000000000000000uusd", `validator=${aliceOper}`],
      ["rewards", "amount=245.000000000000000000ufirm,24.500000000000000000uusd", `validator=${aliceOper}`],
    ]);
  });

  it("counts votes of whoever was absent, as the SDK does", () => {
    const { validator, block, outstanding } = setup();
    validator(alice, 0n, 1000n);
    block([coin(100n)], [{ ...vote(aliceOper, 10n), flag: "absent" }]);
    expect(outstanding(aliceOper)).toBe("98.000000000000000000ufirm");
  });

  it("waits in the first block and keeps its proposer", () => {
    const { world, money, stakes, shares, modules } = { ...setup() };
    const first = createWorld(modules, { height: 0n });
    first.init({ bank: { ...money.genesis.empty, balances: [{ address: collector, coins: [coin(5n)] }] } });
    first.beginBlock({ lastCommit: [vote(aliceOper, 1n)], proposer: consensusAddressOf(aliceOper) });
    expect(first.query((ctx) => money.keeper.balance(ctx, collector, "ufirm"))).toBe(5n);
    expect(first.query((ctx) => shares.genesis.export(ctx)).previousProposer).toBe(
      bytesToAddress(consensusAddressOf(aliceOper), consensusPrefix(TEST_PREFIX)),
    );
    first.beginBlock({ lastCommit: [] });
    expect(formatDecCoins(first.query((ctx) => shares.keeper.communityPool(ctx)))).toBe("5.000000000000000000ufirm");
    expect(world.height).toBe(1n);
    expect(stakes.module.name).toBe("staking");
  });

  it("gives the community pool what belongs to votes of nobody it knows", () => {
    const { validator, block, outstanding, pool } = setup();
    validator(alice, 0n, 1000n);
    block([coin(100n)], [vote(bobOper, 90n), vote(aliceOper, 10n)]);
    expect(outstanding(aliceOper)).toBe("9.800000000000000000ufirm");
    expect(pool()).toBe("90.200000000000000000ufirm");
  });
});

describe("withdrawing", () => {
  it("pays whole units, leaves fractions to the community pool and begins to count again", () => {
    const { world, stakes, validator, block, msgs, balance, rewards, pool } = setup();
    validator(alice, ONE / 10n, 1000n);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 500n));
    block([coin(1001n)], [vote(aliceOper, 1n)]);
    expect(rewards(carol, aliceOper)).toBe("294.294000000000000000ufirm");
    const before = balance(carol);
    world.events.length = 0;
    const response = world.tx((ctx) =>
      msgs.withdrawDelegatorReward(ctx, { delegatorAddress: carol, validatorAddress: aliceOper }),
    );
    expect(response).toEqual({ amount: [coin(294n)] });
    expect(balance(carol) - before).toBe(294n);
    expect(pool()).toBe("20.314000000000000000ufirm");
    expect(eventsOf(world, "withdraw_rewards")).toEqual([
      ["withdraw_rewards", "amount=294ufirm", `validator=${aliceOper}`, `delegator=${carol}`],
    ]);
    const again = world.tx((ctx) =>
      msgs.withdrawDelegatorReward(ctx, { delegatorAddress: carol, validatorAddress: aliceOper }),
    );
    expect(again).toEqual({ amount: [coin(0n)] });
    expect(world.broken()).toEqual([]);
  });

  it("pays commission and keeps its fractions for the next time", () => {
    const { world, validator, block, msgs, balance } = setup();
    validator(alice, ONE / 3n, 1000n);
    block([coin(100n)], [vote(aliceOper, 1n)]);
    const before = balance(alice);
    const withdraw = () => world.tx((ctx) => msgs.withdrawValidatorCommission(ctx, { validatorAddress: aliceOper }));
    expect(withdraw()).toEqual({ amount: [coin(32n)] });
    expect(withdraw()).toEqual({ amount: [] });
    expect(balance(alice) - before).toBe(32n);
    block([coin(100n)], [vote(aliceOper, 1n)]);
    expect(withdraw()).toEqual({ amount: [coin(33n)] });
    expect(world.broken()).toEqual([]);
  });

  it("pays before a delegation changes, and what is earned after a slash counts for less stake", () => {
    const { world, stakes, validator, block, rewards, balance } = setup();
    validator(alice, 0n, 1000n);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 1000n));
    world.beginBlock();
    world.tx((ctx) => stakes.slash(ctx, aliceOper, ONE / 2n));
    world.tx((ctx) => stakes.delegate(ctx, dora, aliceOper, 1000n));
    block([coin(2000n)], [vote(aliceOper, 1n)]);
    expect(rewards(carol, aliceOper)).toBe("490.000000000000000000ufirm");
    expect(rewards(dora, aliceOper)).toBe("980.000000000000000000ufirm");
    const before = balance(carol);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 10n));
    expect(balance(carol) - before).toBe(490n);
    expect(world.broken()).toEqual([]);
  });

  it("gives nothing of the block in which a delegation began, but deposits after it", () => {
    const { world, stakes, validator, block, rewards, msgs, outstanding } = setup();
    validator(alice, 0n, 1000n);
    block([coin(100n)], [vote(aliceOper, 1n)]);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 1000n));
    expect(rewards(carol, aliceOper)).toBe("");
    world.tx((ctx) =>
      msgs.depositValidatorRewardsPool(ctx, { depositor: dora, validatorAddress: aliceOper, amount: [coin(10n)] }),
    );
    expect(rewards(carol, aliceOper)).toBe("5.000000000000000000ufirm");
    world.tx((ctx) => stakes.slash(ctx, aliceOper, ONE / 2n));
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 1000n));
    world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress: alice, validatorAddress: aliceOper }));
    expect(outstanding(aliceOper)).toBe("");
  });

  it("refuses what nobody has earned", () => {
    const { world, validator, msgs } = setup();
    validator(alice, 0n, 1000n);
    const withdraw = (delegatorAddress: typeof alice, validatorAddress: string) => () =>
      world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress, validatorAddress }));
    expect(withdraw(carol, bobOper)).toThrow(`validator ${bobOper} does not exist`);
    expect(withdraw(carol, aliceOper)).toThrow("no delegation for (address, validator) tuple");
    expect(withdraw(carol, alice)).toThrow('address prefix is "firm", want "firmvaloper"');
    expect(() => world.tx((ctx) => msgs.withdrawValidatorCommission(ctx, { validatorAddress: aliceOper }))).toThrow(
      "no validator commission to withdraw",
    );
  });
});

describe("withdraw addresses", () => {
  const set = (to: string) => ({ delegatorAddress: carol, withdrawAddress: to as typeof carol });

  it("get rewards in place of the delegator", () => {
    const { world, stakes, validator, block, msgs, queries, balance } = setup();
    validator(alice, 0n, 1000n);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 1000n));
    world.tx((ctx) => msgs.setWithdrawAddress(ctx, set(bob)));
    expect(eventsOf(world, "set_withdraw_address")).toEqual([["set_withdraw_address", `withdraw_address=${bob}`]]);
    expect(world.query((ctx) => queries.delegatorWithdrawAddress(ctx, { delegatorAddress: carol }))).toEqual({
      withdrawAddress: bob,
    });
    block([coin(200n)], [vote(aliceOper, 1n)]);
    const before = balance(bob);
    world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress: carol, validatorAddress: aliceOper }));
    expect(balance(bob) - before).toBe(98n);
  });

  it("cannot be blocked accounts, nor anything while governance forbids it", () => {
    const { world, msgs, keeper } = setup();
    const choose = (to: string) => () => world.tx((ctx) => msgs.setWithdrawAddress(ctx, set(to)));
    expect(choose(distributor)).toThrow(`${distributor} is not allowed to receive external funds`);
    world.tx((ctx) => keeper.setParams(ctx, { ...keeper.params(ctx), withdrawAddrEnabled: false }));
    expect(choose(bob)).toThrow("set withdraw address disabled");
  });

  /** Carol and the operator chose an address that was blocked afterwards. */
  function blockedLater() {
    const world = setup({ blocked: ["jailhouse"] });
    world.validator(alice, ONE / 2n, 1000n);
    world.world.tx((ctx) => world.stakes.delegate(ctx, carol, aliceOper, 1000n));
    world.world.tx((ctx) => {
      for (const owner of [carol, alice]) {
        state.withdrawAddresses.set(ctx, owner, addressToBytes(jailhouse, TEST_PREFIX));
      }
    });
    world.block([coin(400n)], [vote(aliceOper, 1n)]);
    return world;
  }

  it("that were blocked later fail the delegator's own messages, with what to do", () => {
    const { world, stakes, msgs } = blockedLater();
    const withdraw = () =>
      world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress: carol, validatorAddress: aliceOper }));
    expect(withdraw).toThrow(`${jailhouse} is not allowed to receive funds`);
    expect(() => world.tx((ctx) => stakes.undelegate(ctx, carol, aliceOper, 1000n * ONE))).toThrow("not allowed");
    expect(() => world.tx((ctx) => msgs.withdrawValidatorCommission(ctx, { validatorAddress: aliceOper }))).toThrow(
      "not allowed",
    );
    world.tx((ctx) => msgs.setWithdrawAddress(ctx, set(carol)));
    expect(withdraw()).toEqual({ amount: [coin(98n)] });
  });

  it("that were blocked later lock nobody's stake up while governance forbids to choose another", () => {
    const { world, stakes, keeper, balance } = blockedLater();
    world.tx((ctx) => keeper.setParams(ctx, { ...keeper.params(ctx), withdrawAddrEnabled: false }));
    const before = balance(carol);
    world.tx((ctx) => stakes.undelegate(ctx, carol, aliceOper, 1000n * ONE));
    expect(balance(carol) - before).toBe(98n);
  });

  it("that were blocked later stop no slash: the delegator gets the rewards", () => {
    const { world, stakes, balance } = blockedLater();
    const before = balance(carol);
    world.events.length = 0;
    world.tx((ctx) => stakes.undelegate(ctx, carol, aliceOper, 500n * ONE, false));
    expect(balance(carol) - before).toBe(98n);
    expect(eventsOf(world, "withdraw_addr_redirected")).toEqual([
      [
        "withdraw_addr_redirected",
        `original_withdraw_address=${jailhouse}`,
        `withdraw_address=${carol}`,
        `validator=${aliceOper}`,
        `delegator=${carol}`,
      ],
    ]);
  });

  it("that were blocked later stop no validator from going: its last delegator gets out", () => {
    const { world, stakes, msgs, balance, pool, modules } = blockedLater();
    world.tx((ctx) => msgs.setWithdrawAddress(ctx, set(carol)));
    const before = balance(alice);
    world.tx((ctx) => stakes.undelegate(ctx, alice, aliceOper, 1000n * ONE, false));
    world.tx((ctx) => stakes.undelegate(ctx, carol, aliceOper, 1000n * ONE));
    // The operator's rewards and its commission.
    expect(balance(alice) - before).toBe(98n + 196n);
    expect(pool()).toBe("8.000000000000000000ufirm");
    expect(
      world
        .dump("distribution")
        .split("\n")
        .map((line) => line.slice(13, 15)),
    ).toEqual(["00", "01", "03", "03", "09"]);
    expect(world.broken()).toEqual([]);
    expect(modules.length).toBe(4);
  });

  it("of owners who are blocked themselves give the community pool the rewards", () => {
    const { world, money, stakes, keeper, pool } = setup({ blocked: ["jailhouse"] });
    world.tx((ctx) => {
      const operator = stakes.createValidator(ctx, alice, 0n);
      stakes.delegate(ctx, jailhouse, operator, 1000n);
      money.keeper.sendToModule(ctx, dora, "fee_collector", [coin(100n)]);
    });
    world.beginBlock({ lastCommit: [vote(aliceOper, 1n)] });
    world.tx((ctx) => stakes.undelegate(ctx, jailhouse, aliceOper, 500n * ONE, false));
    expect(pool()).toBe("100.000000000000000000ufirm");
    expect(eventsOf(world, "withdraw_addr_redirected")[0]).toContain("withdraw_address=community_pool");
    expect(formatDecCoins(world.query((ctx) => keeper.outstandingRewards(ctx, aliceOper)))).toBe("");
    expect(world.broken()).toEqual([]);
  });
});

describe("the community pool and deposits", () => {
  it("take coins of anybody, and give them to whom governance says", () => {
    const { world, msgs, queries, pool, balance } = setup();
    world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: carol, amount: [coin(100n), coin(7n, "uusd")] }));
    expect(pool()).toBe("100.000000000000000000ufirm,7.000000000000000000uusd");
    const spend = (authority: string, recipient: string, amount: bigint) => () =>
      world.tx((ctx) =>
        msgs.communityPoolSpend(ctx, {
          authority: authority as typeof gov,
          recipient: recipient as typeof gov,
          amount: [coin(amount)],
        }),
      );
    expect(spend(carol, carol, 1n)).toThrow("expected gov account as only signer");
    expect(spend(gov, distributor, 1n)).toThrow("is not allowed to receive external funds");
    expect(spend(gov, bob, 101n)).toThrow("community pool does not have sufficient coins to distribute");
    spend(gov, bob, 60n)();
    expect(balance(bob)).toBe(10n ** 12n + 60n);
    expect(world.query((ctx) => queries.communityPool(ctx, {}))).toEqual({
      pool: [
        { denom: "ufirm", amount: 40n * ONE },
        { denom: "uusd", amount: 7n * ONE },
      ],
    });
    expect(world.broken()).toEqual([]);
  });

  it("share a deposit out as fees are", () => {
    const { world, stakes, validator, msgs, rewards, outstanding } = setup();
    validator(alice, ONE / 4n, 100n);
    world.tx((ctx) => stakes.delegate(ctx, carol, aliceOper, 300n));
    world.tx((ctx) =>
      msgs.depositValidatorRewardsPool(ctx, { depositor: dora, validatorAddress: aliceOper, amount: [coin(400n)] }),
    );
    world.beginBlock();
    expect(rewards(carol, aliceOper)).toBe("225.000000000000000000ufirm");
    expect(outstanding(aliceOper)).toBe("400.000000000000000000ufirm");
    expect(() =>
      world.tx((ctx) =>
        msgs.depositValidatorRewardsPool(ctx, { depositor: dora, validatorAddress: bobOper, amount: [coin(1n)] }),
      ),
    ).toThrow(`validator ${bobOper} does not exist`);
  });

  it("give the community pool what a validator without tokens gets", () => {
    const { world, stakes, validator, msgs, pool, outstanding } = setup();
    validator(alice, 0n, 100n);
    world.tx((ctx) => stakes.slash(ctx, aliceOper, ONE));
    world.tx((ctx) =>
      msgs.depositValidatorRewardsPool(ctx, { depositor: dora, validatorAddress: aliceOper, amount: [coin(9n)] }),
    );
    world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress: alice, validatorAddress: aliceOper }));
    expect(pool()).toBe("9.000000000000000000ufirm");
    expect(outstanding(aliceOper)).toBe("");
    expect(world.broken()).toEqual([]);
  });
});

describe("parameters", () => {
  it("are governance's, and sound", () => {
    const { world, msgs, queries, keeper } = setup();
    const params = world.query((ctx) => keeper.params(ctx));
    const update = (authority: string, changes: Partial<typeof params>) => () =>
      world.tx((ctx) =>
        msgs.updateParams(ctx, { authority: authority as typeof gov, params: { ...params, ...changes } }),
      );
    expect(update(carol, {})).toThrow("expected gov account as only signer");
    expect(update(gov, { communityTax: ONE + 1n })).toThrow("community tax is 1.000000000000000001, want 0 to 1");
    expect(update(gov, { communityTax: -1n })).toThrow("community tax is -0.000000000000000001, want 0 to 1");
    expect(update(gov, { baseProposerReward: 1n })).toThrow("deprecated fields");
    expect(update(gov, { bonusProposerReward: 1n })).toThrow("deprecated fields");
    update(gov, { communityTax: ONE })();
    expect(world.query((ctx) => queries.params(ctx, {})).params.communityTax).toBe(ONE);
  });
});

describe("queries", () => {
  it("answer what a delegator and a validator have, and refuse who is unknown", () => {
    const { world, stakes, validator, block, queries } = setup();
    validator(alice, ONE / 10n, 1000n);
    validator(bob, 0n, 1000n);
    world.tx((ctx) => {
      stakes.delegate(ctx, carol, aliceOper, 1000n);
      stakes.delegate(ctx, carol, bobOper, 1000n);
    });
    block([coin(1000n)], [vote(aliceOper, 1n), vote(bobOper, 1n)]);
    const total = world.query((ctx) => queries.delegationTotalRewards(ctx, { delegatorAddress: carol }));
    expect(formatDecCoins(total.total)).toBe("465.500000000000000000ufirm");
    expect(total.rewards.map(({ validatorAddress }) => validatorAddress).sort()).toEqual([aliceOper, bobOper].sort());
    expect(world.query((ctx) => queries.delegatorValidators(ctx, { delegatorAddress: carol })).validators.length).toBe(
      2,
    );
    const info = world.query((ctx) => queries.validatorDistributionInfo(ctx, { validatorAddress: aliceOper }));
    expect(info.operatorAddress).toBe(alice);
    expect(formatDecCoins(info.selfBondRewards)).toBe("220.500000000000000000ufirm");
    expect(formatDecCoins(info.commission)).toBe("49.000000000000000000ufirm");
    expect(() =>
      world.query((ctx) => queries.validatorCommission(ctx, { validatorAddress: operatorOf(dora, TEST_PREFIX) })),
    ).toThrow("does not exist");
    expect(() =>
      world.query((ctx) => queries.delegationRewards(ctx, { delegatorAddress: dora, validatorAddress: aliceOper })),
    ).toThrow("no delegation");
  });

  it("page through slashes by period, as the SDK does", () => {
    const { world, stakes, validator, queries } = setup();
    validator(alice, 0n, 1000n);
    for (let i = 0; i < 3; i++) {
      world.beginBlock();
      world.tx((ctx) => stakes.slash(ctx, aliceOper, ONE / 10n));
    }
    const ask = (startingHeight: bigint, endingHeight: bigint, limit = 0n) =>
      world.query((ctx) =>
        queries.validatorSlashes(ctx, {
          validatorAddress: aliceOper,
          startingHeight,
          endingHeight,
          pagination: PageRequest.fromPartial({ limit, countTotal: true }),
        }),
      );
    expect(ask(0n, 100n).slashes.map(({ validatorPeriod }) => validatorPeriod)).toEqual([2n, 3n, 4n]);
    expect(ask(3n, 3n).slashes.map(({ fraction }) => format(fraction))).toEqual(["0.100000000000000000"]);
    expect(ask(0n, 100n, 2n).slashes.length).toBe(2);
    expect(() => ask(2n, 1n)).toThrow("starting height is 2, want at most the ending 1");
  });
});

readmeLaws({
  module: compose().shares,
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: [
    "commission",
    "rewards",
    "set_withdraw_address",
    "withdraw_rewards",
    "withdraw_commission",
    "withdraw_addr_redirected",
    "allocation_failed",
  ],
});
