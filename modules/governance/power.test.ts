/** Snapshots over the real staking module: whatever it does to delegations, power stays what it was. */
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { GenesisState } from "@interfirm/proto/gen/interfirm/governance/v1";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Address } from "../kernel/address.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { type Dec, ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { defineModule } from "../kernel/module.ts";
import { addr, createWorld } from "../kernel/testing.ts";
import type { StakingHooks } from "../staking/hooks.ts";
import { msgs } from "../staking/services.ts";
import { composeStaking, createMsg, DENOM, operatorOf, UNIT } from "../staking/testing.ts";
import { createPower } from "./power.ts";
import { GOV, state } from "./state.ts";

const VALIDATORS = ["v0", "v1", "v2", "v3"];
const PEOPLE = ["p0", "p1", "p2", ...VALIDATORS];
/** Only its store matters: what is tested works without the rest of governance. */
const onlyStore = defineModule({
  name: GOV,
  storeKey: GOV,
  version: 1,
  keeper: undefined,
  genesis: {
    type: GenesisState,
    empty: GenesisState.fromPartial({}),
    validate: () => {},
    init: () => {},
    export: () => GenesisState.fromPartial({}),
  },
});

function open() {
  const hooks: StakingHooks[] = [];
  const { accounts, list, money, stake } = composeStaking({ hooks });
  const power = createPower(stake.keeper);
  hooks.push(power.hooks);
  const world = createWorld([...list, onlyStore]);
  const balances = PEOPLE.map((name) => ({ address: addr(name), coins: [{ denom: DENOM, amount: 10n ** 15n }] }));
  const { empty } = stake.genesis;
  const params = { ...empty.params, historicalEntries: 0, maxValidators: 3 };
  world.init({ bank: { ...money.genesis.empty, balances }, staking: { ...empty, params } });
  const act = msgs(stake.keeper);
  world.tx((ctx) => {
    for (const name of PEOPLE) accounts.keeper.create(ctx, addr(name));
    for (const [i, name] of VALIDATORS.entries()) act.createValidator(ctx, createMsg(name, BigInt(10 + i) * UNIT));
  });
  world.endBlock();
  return { world, power, act, keeper: stake.keeper };
}

type Copy = ReadonlyMap<string, Dec>;

/** Shares by delegator and operator, with bonded validators only. */
function copyOf(ctx: QueryCtx, { keeper }: ReturnType<typeof open>): { shares: Copy; bonded: readonly Validator[] } {
  const bonded = [...keeper.bondedByPower(ctx)];
  const operators = new Set(bonded.map(({ operatorAddress }) => operatorAddress));
  const shares = new Map<string, Dec>();
  for (const { delegatorAddress, validatorAddress, shares: amount } of keeper.allDelegations(ctx)) {
    if (operators.has(validatorAddress)) shares.set(`${delegatorAddress}/${validatorAddress}`, amount);
  }
  return { shares, bonded };
}

const person = fc.constantFrom(...PEOPLE);
const validator = fc.constantFrom(...VALIDATORS);
const amount = fc.bigInt(1n, 5n * UNIT);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delegate" as const), person, validator, amount }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("undelegate" as const), person, validator, amount }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("redelegate" as const), person, validator, to: validator, amount }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("slash" as const), validator, age: fc.bigInt(0n, 5n) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("jail" as const), validator }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("begin" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("block" as const) }) },
);

it("keeps every snapshot through delegations, redelegations, slashes and jails", () => {
  let changes = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), (steps) => {
      const setup = open();
      const { world, power, act, keeper } = setup;
      const copies = new Map<bigint, ReturnType<typeof copyOf>>();
      let awaiting: bigint[] = [];
      let proposals = 0n;
      const coin = (tokens: bigint) => ({ denom: DENOM, amount: tokens });
      for (const move of steps) {
        try {
          world.tx((ctx) => {
            const consensusAddress =
              "validator" in move ? keeper.validator(ctx, operatorOf(move.validator)) : undefined;
            switch (move.do) {
              case "delegate":
                return void act.delegate(ctx, {
                  delegatorAddress: addr(move.person),
                  validatorAddress: operatorOf(move.validator),
                  amount: coin(move.amount),
                });
              case "undelegate":
                return void act.undelegate(ctx, {
                  delegatorAddress: addr(move.person),
                  validatorAddress: operatorOf(move.validator),
                  amount: coin(move.amount),
                });
              case "redelegate":
                return void act.beginRedelegate(ctx, {
                  delegatorAddress: addr(move.person),
                  validatorSrcAddress: operatorOf(move.validator),
                  validatorDstAddress: operatorOf(move.to),
                  amount: coin(move.amount),
                });
              case "slash":
                if (consensusAddress) {
                  const height = ctx.height > move.age ? ctx.height - move.age : 0n;
                  keeper.slash(ctx, keeper.consensusAddress(consensusAddress), height, 10n, ONE / 3n);
                }
                return;
              case "jail":
                return consensusAddress && keeper.jail(ctx, keeper.consensusAddress(consensusAddress));
              case "begin":
                awaiting.push(++proposals);
                return state.snapshotOf.set(ctx, proposals, 0n);
              case "end": {
                const ids = [...copies.keys()];
                const id = ids[move.which % Math.max(1, ids.length)];
                if (id === undefined) return;
                copies.delete(id);
                return power.release(ctx, id);
              }
              case "block":
                power.take(ctx);
                power.forget(ctx);
            }
          });
        } catch (error) {
          if (!(error instanceof ChainError)) throw error;
        }
        if (move.do === "block") {
          for (const id of awaiting)
            copies.set(
              id,
              world.query((ctx) => copyOf(ctx, setup)),
            );
          awaiting = [];
          world.endBlock();
          world.beginBlock();
        }
        world.query((ctx) => {
          changes += [...state.history.keys(ctx)].length;
          for (const [id, { shares, bonded }] of copies) {
            const at = power.of(ctx, id);
            expect(at.snapshot.validators.map(({ operatorAddress }) => operatorAddress)).toEqual(
              bonded.map(({ operatorAddress }) => operatorAddress),
            );
            const seen = new Map<string, Dec>();
            for (const name of PEOPLE) {
              const voter: Address = addr(name);
              for (const { place, shares: had } of power.stakesAt(ctx, at, voter).stakes) {
                seen.set(`${voter}/${bonded[place]!.operatorAddress}`, had);
              }
            }
            const sorted = (copy: Copy) => [...copy].sort(([a], [b]) => (a < b ? -1 : 1));
            expect(sorted(seen)).toEqual(sorted(shares));
          }
        });
      }
    }),
    { numRuns: 25 },
  );
  expect(changes).toBeGreaterThan(100);
});
