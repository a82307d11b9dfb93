import { compare, toHex } from "../kernel/bytes.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { format } from "../kernel/decimal.ts";
import type { Invariant } from "../kernel/module.ts";
import { timestampToNs } from "../kernel/time.ts";
import type { Keeper } from "./keeper.ts";
import { operatorToBytes } from "./keys.ts";
import { state } from "./state.ts";
import { consensusAddressOf, isBonded, isUnbonding, powerOf } from "./validator.ts";

/** All invariants of the SDK's x/staking, under names of ours, and more. */
export function invariants(keeper: Keeper): Readonly<Record<string, Invariant>> {
  /** The SDK's `module-accounts`. */
  function poolsHold(ctx: QueryCtx): string | undefined {
    let bonded = 0n;
    let notBonded = 0n;
    for (const validator of keeper.validators(ctx)) {
      if (isBonded(validator)) bonded += validator.tokens;
      else notBonded += validator.tokens;
    }
    for (const { entries } of state.unbondings.values(ctx)) for (const { balance } of entries) notBonded += balance;
    const heldBonded = keeper.pools.bonded(ctx);
    const heldNotBonded = keeper.pools.notBonded(ctx);
    if (heldBonded !== bonded) return `bonded pool holds ${heldBonded}, validators have ${bonded}`;
    if (heldNotBonded !== notBonded) return `not-bonded pool holds ${heldNotBonded}, ${notBonded} are owed`;
    return undefined;
  }

  /** The SDK's `nonnegative-power`. */
  function powerIndexed(ctx: QueryCtx): string | undefined {
    let indexed = 0;
    for (const [[power, operator], bytes] of state.byPower.entries(ctx)) {
      indexed++;
      const validator = keeper.validator(ctx, operator);
      if (!validator) return `${operator} is in the index by power but does not exist`;
      if (compare(bytes, operatorToBytes(operator, ctx)) !== 0) return `${operator} is indexed under another`;
      if (validator.jailed) return `${operator} is jailed but in the index by power`;
      if (powerOf(validator.tokens) !== power) return `${operator} has ${validator.tokens} tokens, index ${power}`;
    }
    let free = 0;
    for (const { operatorAddress, tokens, jailed } of keeper.validators(ctx)) {
      if (tokens < 0n) return `${operatorAddress} has ${tokens} tokens`;
      if (!jailed) free++;
    }
    return free === indexed ? undefined : `${free} validators are not jailed, ${indexed} are in the index by power`;
  }

  /** The SDK's `positive-delegation`. */
  function delegationsPositive(ctx: QueryCtx): string | undefined {
    for (const { delegatorAddress, validatorAddress, shares } of keeper.allDelegations(ctx)) {
      if (shares <= 0n) return `${delegatorAddress} has ${format(shares)} shares of ${validatorAddress}`;
    }
    return undefined;
  }

  /** The SDK's `delegator-shares`. */
  function sharesSum(ctx: QueryCtx): string | undefined {
    const sums = new Map<string, bigint>();
    for (const { validatorAddress, shares } of keeper.allDelegations(ctx)) {
      sums.set(validatorAddress, (sums.get(validatorAddress) ?? 0n) + shares);
    }
    for (const { operatorAddress, delegatorShares } of keeper.validators(ctx)) {
      const sum = sums.get(operatorAddress) ?? 0n;
      if (sum !== delegatorShares) {
        return `${operatorAddress} has ${format(delegatorShares)} shares, delegations ${format(sum)}`;
      }
      sums.delete(operatorAddress);
    }
    const [left] = sums.keys();
    return left && `${left} has delegations but does not exist`;
  }

  function indexesMatch(ctx: QueryCtx): string | undefined {
    const counts = [
      ["delegations", count(state.delegations.keys(ctx)), count(state.delegators.keys(ctx))],
      ["unbonding delegations", count(state.unbondings.keys(ctx)), count(state.unbondingsByValidator.keys(ctx))],
      ["redelegations", count(state.redelegations.keys(ctx)), count(state.redelegationsBySource.keys(ctx))],
      ["redelegations", count(state.redelegations.keys(ctx)), count(state.redelegationsByDestination.keys(ctx))],
    ] as const;
    for (const [what, entries, indexed] of counts) {
      if (entries !== indexed) return `there are ${entries} ${what}, ${indexed} in their index`;
    }
    return undefined;
  }

  /** Open redelegations are counted. */
  function redelegationsCounted(ctx: QueryCtx): string | undefined {
    const open = new Map<string, bigint>();
    for (const { validatorSrcAddress: source, entries } of state.redelegations.values(ctx)) {
      open.set(source, (open.get(source) ?? 0n) + BigInt(entries.length));
    }
    for (const [source, counted] of state.openRedelegations.entries(ctx)) {
      if (open.get(source) !== counted) {
        return `${source} counts ${counted} open redelegations, has ${open.get(source) ?? 0n}`;
      }
      open.delete(source);
    }
    const [left] = open.keys();
    return left && `redelegations from ${left} are not counted`;
  }

  /** Each validator is found by its key, and replaced keys lead to their validator until they are forgotten. */
  function keysIndexed(ctx: QueryCtx): string | undefined {
    const want = new Map<string, string>();
    for (const { operatorAddress, oldPubkey } of state.rotations.values(ctx)) {
      want.set(toHex(consensusAddressOf(oldPubkey)), operatorAddress);
    }
    for (const { operatorAddress, consensusPubkey } of keeper.validators(ctx)) {
      want.set(toHex(consensusAddressOf(consensusPubkey)), operatorAddress);
    }
    for (const [address, bytes] of state.byConsensusAddress.entries(ctx)) {
      const operator = want.get(toHex(address));
      if (!operator) return `consensus address ${toHex(address)} is nobody's`;
      if (compare(operatorToBytes(operator, ctx), bytes) !== 0) return `key of ${operator} leads to another`;
      want.delete(toHex(address));
    }
    const [left] = want.values();
    return left && `${left} is not found by its key`;
  }

  /** Entries keep to their bounds, and each has a turn in a queue. */
  function queued(ctx: QueryCtx): string | undefined {
    const turns = new Set<string>();
    for (const [time, { pairs }] of state.unbondingQueue.entries(ctx)) {
      for (const pair of pairs) turns.add(`${time}/${pair.delegatorAddress}/${pair.validatorAddress}`);
    }
    for (const [time, { triplets }] of state.redelegationQueue.entries(ctx)) {
      for (const { delegatorAddress, validatorSrcAddress, validatorDstAddress } of triplets) {
        turns.add(`${time}/${delegatorAddress}/${validatorSrcAddress}/${validatorDstAddress}`);
      }
    }
    for (const { delegatorAddress, validatorAddress, entries } of state.unbondings.values(ctx)) {
      const pair = `${delegatorAddress}/${validatorAddress}`;
      if (entries.length === 0) return `${pair} unbonds nothing`;
      for (const { balance, initialBalance, completionTime } of entries) {
        if (balance < 0n || balance > initialBalance) return `${pair} unbonds ${balance} of ${initialBalance}`;
        if (!turns.has(`${timestampToNs(completionTime)}/${pair}`)) return `${pair} unbonds without an end`;
      }
    }
    for (const redelegation of state.redelegations.values(ctx)) {
      const { delegatorAddress, validatorSrcAddress, validatorDstAddress, entries } = redelegation;
      const triplet = `${delegatorAddress}/${validatorSrcAddress}/${validatorDstAddress}`;
      if (entries.length === 0) return `${triplet} redelegates nothing`;
      for (const { completionTime } of entries) {
        if (!turns.has(`${timestampToNs(completionTime)}/${triplet}`)) return `${triplet} redelegates without an end`;
      }
    }
    return undefined;
  }

  /** Validators wait to be unbonded exactly when they are unbonding. */
  function unbondingQueued(ctx: QueryCtx): string | undefined {
    const waiting = new Set<string>();
    for (const [[time, height], { addresses }] of state.validatorQueue.entries(ctx)) {
      for (const operator of addresses) {
        const validator = keeper.validator(ctx, operator);
        if (!validator || !isUnbonding(validator)) return `${operator} waits to be unbonded but is not unbonding`;
        if (timestampToNs(validator.unbondingTime) !== time || validator.unbondingHeight !== height) {
          return `${operator} waits at another time than its own`;
        }
        waiting.add(operator);
      }
    }
    for (const validator of keeper.validators(ctx)) {
      const { operatorAddress: operator } = validator;
      if (isUnbonding(validator) && !waiting.has(operator)) return `${operator} is unbonding without an end`;
    }
    return undefined;
  }

  /** Between blocks, those are bonded who are in the set. */
  function setBonded(ctx: QueryCtx): string | undefined {
    const members = new Set(state.lastPowers.keys(ctx));
    for (const validator of keeper.validators(ctx)) {
      const isMember = members.delete(validator.operatorAddress);
      if (isMember !== isBonded(validator)) return `${validator.operatorAddress} is bonded or in the set, but not both`;
    }
    const [left] = members;
    return left && `${left} is in the set but does not exist`;
  }

  return {
    poolsHold,
    powerIndexed,
    delegationsPositive,
    sharesSum,
    indexesMatch,
    redelegationsCounted,
    keysIndexed,
    queued,
    unbondingQueued,
    setBonded,
  };
}

function count(keys: Iterable<unknown>): number {
  let total = 0;
  for (const _ of keys) total++;
  return total;
}
