import {
  BondStatus,
  type Delegation,
  type DelegationResponse,
  type Query,
  type Redelegation,
  type RedelegationResponse,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Query as OwnQuery } from "@interfirm/proto/gen/interfirm/staking/v1";
import { type Address, parseAddress } from "../kernel/address.ts";
import { quote } from "../kernel/bytes.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { ONE } from "../kernel/decimal.ts";
import type { Handlers } from "../kernel/module.ts";
import { type PageRequest, paginate, paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { operatorToBytes } from "./keys.ts";
import { state } from "./state.ts";
import { tokensFromShares } from "./validator.ts";
import { requireValidator } from "./validators.ts";

/** Throws `sdk/18` when it is empty, `sdk/7` when it is none. */
function operatorOf(ctx: QueryCtx, text: string): string {
  if (text === "") throw sdkError.invalidRequest("validator address cannot be empty");
  operatorToBytes(text, ctx);
  return text;
}

function delegatorOf(ctx: QueryCtx, text: string): Address {
  if (text === "") throw sdkError.invalidRequest("delegator address cannot be empty");
  return parseAddress(text, ctx.addressPrefix);
}

/** What shares of a validator come to, cut to whole tokens. */
const tokensOf = (ctx: QueryCtx, operator: string, shares: bigint): bigint =>
  tokensFromShares(requireValidator(ctx, operator), shares) / ONE;

export function queries(keeper: Keeper): Handlers<typeof Query, QueryCtx> {
  const delegationResponse = (ctx: QueryCtx, delegation: Delegation): DelegationResponse => ({
    delegation,
    balance: {
      denom: keeper.bondDenom(ctx),
      amount: tokensOf(ctx, delegation.validatorAddress, delegation.shares),
    },
  });

  return {
    validators(ctx, { status, pagination: request }) {
      const wanted = status === "" ? undefined : statusOf(status);
      const page = paginateStore(
        state.validators.slice(ctx),
        request,
        ([, validator]) => wanted === undefined || validator.status === wanted,
      );
      return { validators: page.items.map(([, validator]) => validator), pagination: page.pagination };
    },

    validator(ctx, { validatorAddr }) {
      const validator = keeper.validator(ctx, operatorOf(ctx, validatorAddr));
      if (!validator) throw sdkError.keyNotFound(`validator ${validatorAddr} not found`);
      return { validator };
    },

    validatorDelegations(ctx, { validatorAddr, pagination: request }) {
      const slice = state.delegators.slice(ctx, [operatorOf(ctx, validatorAddr)]);
      const { items, pagination } = paginateStore(slice, request);
      const delegationResponses = items.flatMap(([operator, delegator]) => {
        const delegation = keeper.delegation(ctx, delegator, operator);
        return delegation ? [delegationResponse(ctx, delegation)] : [];
      });
      return { delegationResponses, pagination };
    },

    validatorUnbondingDelegations(ctx, { validatorAddr, pagination: request }) {
      const slice = state.unbondingsByValidator.slice(ctx, [operatorOf(ctx, validatorAddr)]);
      const { items, pagination } = paginateStore(slice, request);
      const unbondingResponses = items.flatMap(([operator, delegator]) => {
        const unbonding = state.unbondings.get(ctx, [delegator, operator]);
        return unbonding ? [unbonding] : [];
      });
      return { unbondingResponses, pagination };
    },

    delegation(ctx, { delegatorAddr, validatorAddr }) {
      const delegator = delegatorOf(ctx, delegatorAddr);
      const delegation = keeper.delegation(ctx, delegator, operatorOf(ctx, validatorAddr));
      if (!delegation) {
        throw sdkError.keyNotFound(
          `delegation with delegator ${delegatorAddr} not found for validator ${validatorAddr}`,
        );
      }
      return { delegationResponse: delegationResponse(ctx, delegation) };
    },

    unbondingDelegation(ctx, { delegatorAddr, validatorAddr }) {
      const delegator = delegatorOf(ctx, delegatorAddr);
      const unbond = state.unbondings.get(ctx, [delegator, operatorOf(ctx, validatorAddr)]);
      if (!unbond) {
        throw sdkError.keyNotFound(
          `unbonding delegation with delegator ${delegatorAddr} not found for validator ${validatorAddr}`,
        );
      }
      return { unbond };
    },

    delegatorDelegations(ctx, { delegatorAddr, pagination: request }) {
      const { items, pagination } = paginateStore(
        state.delegations.slice(ctx, [delegatorOf(ctx, delegatorAddr)]),
        request,
      );
      return { delegationResponses: items.map(([, delegation]) => delegationResponse(ctx, delegation)), pagination };
    },

    delegatorUnbondingDelegations(ctx, { delegatorAddr, pagination: request }) {
      const { items, pagination } = paginateStore(
        state.unbondings.slice(ctx, [delegatorOf(ctx, delegatorAddr)]),
        request,
      );
      return { unbondingResponses: items.map(([, unbonding]) => unbonding), pagination };
    },

    redelegations(ctx, { delegatorAddr, srcValidatorAddr, dstValidatorAddr, pagination: request }) {
      const { items, pagination } = redelegationsOf(
        ctx,
        { delegator: delegatorAddr, source: srcValidatorAddr, destination: dstValidatorAddr },
        request,
      );
      return {
        redelegationResponses: items.map((redelegation) => redelegationResponse(ctx, redelegation)),
        pagination,
      };
    },

    delegatorValidators(ctx, { delegatorAddr, pagination: request }) {
      const { items, pagination } = paginateStore(
        state.delegations.slice(ctx, [delegatorOf(ctx, delegatorAddr)]),
        request,
      );
      return { validators: items.map(([[, operator]]) => requireValidator(ctx, operator)), pagination };
    },

    delegatorValidator(ctx, { delegatorAddr, validatorAddr }) {
      const delegator = delegatorOf(ctx, delegatorAddr);
      const operator = operatorOf(ctx, validatorAddr);
      if (!keeper.delegation(ctx, delegator, operator)) {
        throw fail.noDelegation();
      }
      return { validator: requireValidator(ctx, operator) };
    },

    historicalInfo(ctx, { height }) {
      if (height < 0n) throw sdkError.invalidRequest("height cannot be negative");
      const hist = state.history.get(ctx, height);
      if (!hist) throw sdkError.keyNotFound(`historical info for height ${height} not found`);
      return { hist };
    },

    pool: (ctx) => ({
      pool: { notBondedTokens: keeper.pools.notBonded(ctx), bondedTokens: keeper.pools.bonded(ctx) },
    }),

    params: (ctx) => ({ params: keeper.params(ctx) }),
  };
}

/** Throws `sdk/18` for what is not the name of a status. */
function statusOf(name: string): BondStatus {
  const { BOND_STATUS_BONDED, BOND_STATUS_UNBONDED, BOND_STATUS_UNBONDING } = BondStatus;
  if (name === "BOND_STATUS_BONDED") return BOND_STATUS_BONDED;
  if (name === "BOND_STATUS_UNBONDED") return BOND_STATUS_UNBONDED;
  if (name === "BOND_STATUS_UNBONDING") return BOND_STATUS_UNBONDING;
  throw sdkError.invalidRequest(`invalid validator status ${quote(name)}`);
}

/** One, those from a validator, or those of a delegator, as the SDK chooses by what is given. */
function redelegationsOf(
  ctx: QueryCtx,
  {
    delegator,
    source,
    destination,
  }: { readonly delegator: string; readonly source: string; readonly destination: string },
  request: PageRequest | undefined,
) {
  if (delegator !== "" && source !== "" && destination !== "") {
    const key = [delegatorOf(ctx, delegator), operatorOf(ctx, source), operatorOf(ctx, destination)] as const;
    const redelegation = state.redelegations.get(ctx, key);
    if (!redelegation) {
      // The SDK wraps a status of NotFound in one of Internal, and the code of unknown requests comes of it.
      throw sdkError.unknownRequest(
        `rpc error: code = Internal desc = rpc error: code = NotFound desc = redelegation not found for delegator address ${delegator} from validator address ${source}`,
      );
    }
    return { items: [redelegation], pagination: undefined };
  }
  if (delegator === "" && source !== "" && destination === "") {
    const page = paginateStore(state.redelegationsBySource.slice(ctx, [operatorOf(ctx, source)]), request);
    const items = page.items.flatMap(([from, by, to]) => {
      const redelegation = state.redelegations.get(ctx, [by, from, to]);
      return redelegation ? [redelegation] : [];
    });
    return { items, pagination: page.pagination };
  }
  const page = paginateStore(state.redelegations.slice(ctx, [delegatorOf(ctx, delegator)]), request);
  return { items: page.items.map(([, redelegation]) => redelegation), pagination: page.pagination };
}

const redelegationResponse = (ctx: QueryCtx, redelegation: Redelegation): RedelegationResponse => ({
  redelegation: { ...redelegation, entries: [] },
  entries: redelegation.entries.map((redelegationEntry) => ({
    redelegationEntry,
    balance: tokensOf(ctx, redelegation.validatorDstAddress, redelegationEntry.sharesDst),
  })),
});

/** The queries that the SDK does not have. */
export const ownQueries = (keeper: Keeper): Handlers<typeof OwnQuery, QueryCtx> => ({
  params: (ctx) => ({ params: keeper.ownParams(ctx) }),

  keyRotations(ctx, { operatorAddress, pagination: request }) {
    if (operatorAddress === "") {
      const { items, pagination } = paginate(state.rotations.slice(ctx), request);
      return { keyRotations: items.map(([, rotation]) => rotation), pagination };
    }
    const slice = state.rotations.by.operator.slice(ctx, operatorOf(ctx, operatorAddress));
    const { items, pagination } = paginate(slice, request);
    const keyRotations = items.flatMap((key) => {
      const rotation = state.rotations.get(ctx, key);
      return rotation ? [rotation] : [];
    });
    return { keyRotations, pagination };
  },
});
