import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import {
  Query as AuthzQuery,
  GenericAuthorization,
  MsgExec,
  MsgGrant,
  MsgRevoke,
} from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { MsgSend, SendAuthorization } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import {
  BasicAllowance,
  Query as FeegrantQuery,
  MsgGrantAllowance,
  MsgRevokeAllowance,
} from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { MsgCreatePeriodicVestingAccount, MsgCreateVestingAccount } from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import { packAny } from "@interfirm/proto/registry";
import { account, message, send } from "../../test/accounts.ts";
import { type Operation, ownerOf, type View } from "../operation.ts";

const AUTHZ = "cosmos.authz.v1beta1.Query";
const FEEGRANT = "cosmos.feegrant.v1beta1.Query";
const SECOND = 1_000_000_000n;

/** Some blocks from now, or none. */
const expiry = (view: View) =>
  view.random.chance(70)
    ? { expiration: nsToTimestamp(view.time + BigInt(view.random.between(-5, 600)) * SECOND) }
    : {};

async function someGrant(view: View) {
  const grantee = view.random.pick(view.accounts);
  const { grants } = await view.query(AUTHZ, AuthzQuery.methods.granteeGrants, { grantee: grantee.address });
  return grants.length === 0 ? undefined : view.random.pick(grants);
}

export const grantOperations: readonly Operation[] = [
  {
    name: "grant an authorisation",
    weight: 4,
    async plan(view) {
      const [signer, grantee] = [view.random.pick(view.accounts), view.random.pick(view.accounts)];
      const authorization = view.random.chance(50)
        ? packAny(GenericAuthorization, { msg: MsgSend.typeUrl })
        : packAny(SendAuthorization, {
            spendLimit: [{ denom: view.denom, amount: view.random.amount(1n, 10n ** 9n) }],
            allowList: [],
          });
      const grant = message(MsgGrant, {
        granter: signer.address,
        grantee: grantee.address,
        grant: { authorization, ...expiry(view) },
      });
      return { signer, messages: [grant] };
    },
  },
  {
    name: "use an authorisation",
    weight: 6,
    async plan(view) {
      const grant = await someGrant(view);
      const signer = grant && ownerOf(view, grant.grantee);
      if (!signer) return undefined;
      const to = view.random.pick(view.accounts).address;
      const inner = send(grant.granter, to, view.random.amount(1n, 10n ** 9n), view.denom);
      return { signer, messages: [message(MsgExec, { grantee: signer.address, msgs: [inner] })] };
    },
  },
  {
    name: "revoke an authorisation",
    weight: 2,
    async plan(view) {
      const grant = await someGrant(view);
      const signer = grant && ownerOf(view, grant.granter);
      if (!signer) return undefined;
      const revoke = message(MsgRevoke, {
        granter: signer.address,
        grantee: grant.grantee,
        msgTypeUrl: MsgSend.typeUrl,
      });
      return { signer, messages: [revoke] };
    },
  },
  {
    name: "grant fees",
    weight: 3,
    async plan(view) {
      const [signer, grantee] = [view.random.pick(view.accounts), view.random.pick(view.accounts)];
      const spendLimit = [{ denom: view.denom, amount: view.random.amount(1n, 10n ** 7n) }];
      const allowance = packAny(BasicAllowance, BasicAllowance.fromPartial({ spendLimit, ...expiry(view) }));
      const grant = message(MsgGrantAllowance, { granter: signer.address, grantee: grantee.address, allowance });
      return { signer, messages: [grant] };
    },
  },
  {
    name: "pay with a fee grant",
    weight: 4,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const { allowances } = await view.query(FEEGRANT, FeegrantQuery.methods.allowances, { grantee: signer.address });
      if (allowances.length === 0) return undefined;
      const { granter } = view.random.pick(allowances);
      return { signer, messages: [send(signer.address, signer.address, 1n, view.denom)], granter };
    },
  },
  {
    name: "revoke a fee grant",
    weight: 1,
    async plan(view) {
      const grantee = view.random.pick(view.accounts);
      const { allowances } = await view.query(FEEGRANT, FeegrantQuery.methods.allowances, { grantee: grantee.address });
      const allowance = allowances.length === 0 ? undefined : view.random.pick(allowances);
      const signer = allowance && ownerOf(view, allowance.granter);
      if (!signer) return undefined;
      const revoke = message(MsgRevokeAllowance, { granter: signer.address, grantee: grantee.address });
      return { signer, messages: [revoke] };
    },
  },
  {
    name: "create a vesting account",
    weight: 2,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const { address } = account(`vesting ${view.height} ${view.random.below(1_000_000)}`, prefixOf(signer.address));
      const amount = [{ denom: view.denom, amount: view.random.amount(1n, 10n ** 9n) }];
      const seconds = view.time / SECOND;
      const create = view.random.chance(60)
        ? message(MsgCreateVestingAccount, {
            fromAddress: signer.address,
            toAddress: address,
            amount,
            endTime: seconds + BigInt(view.random.between(1, 5_000)),
            delayed: view.random.chance(50),
          })
        : message(MsgCreatePeriodicVestingAccount, {
            fromAddress: signer.address,
            toAddress: address,
            startTime: seconds,
            vestingPeriods: [
              { length: BigInt(view.random.between(1, 500)), amount },
              { length: BigInt(view.random.between(1, 500)), amount },
            ],
          });
      return { signer, messages: [create] };
    },
  },
];

const prefixOf = (address: string): string => address.slice(0, address.lastIndexOf("1"));
