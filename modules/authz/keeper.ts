import { type Grant, MsgExec } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { jsonText } from "@interfirm/proto/json";
import { type Address, addressToBytes } from "../kernel/address.ts";
import { decodeAny } from "../kernel/any.ts";
import { compare, toUtf8 } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { collectEvents } from "../kernel/events.ts";
import { KV_GAS_COSTS } from "../kernel/gas.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { timestampToNs } from "../kernel/time.ts";
import { readAuthorization } from "./authorization.ts";
import { fail } from "./errors.ts";
import { state } from "./state.ts";

/** What this module asks of accounts. The keeper of `auth` satisfies it. */
export interface Accounts {
  get(ctx: QueryCtx, address: Address): unknown;
  /** Makes a base account with the next number. */
  create(ctx: Ctx, address: Address): void;
}

/** What this module asks of a bank. */
export interface Bank {
  /** Throws `sdk/4` for the account of a module that may not be paid from outside. */
  checkNotBlocked(ctx: QueryCtx, to: Address): void;
}

/** What this module asks of the application: the messages of all modules. */
export interface Router {
  /** Whether a module handles messages of this type. */
  handles(typeUrl: string): boolean;
  /** Who signs the message. Throws `sdk/6` for one that nobody handles, `sdk/34` for bytes that are not of its type, `sdk/7`. */
  signers(ctx: QueryCtx, message: Any): readonly Address[];
  /** Handles the message, if `signer` is its only signer, and returns the response. Throws `sdk/4`, and what the handler throws. */
  dispatch(ctx: Ctx, message: Any, signer: Address): Any;
}

export interface AuthzDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
  readonly router: Router;
}

/** Whom a grant is from and for, and the type URL of the messages that it lets send. */
export type GrantKey = readonly [granter: Address, grantee: Address, messageType: string];

/** Grants that have expired and are removed at the beginning of a block. The rest wait, dead. */
export const PRUNED_PER_BLOCK_MAX = 200;
/** Grants that one `MsgRevokeAll` takes back. */
export const REVOKED_PER_MESSAGE_MAX = 1000;
/** Executions inside one another, the outermost included. */
export const EXEC_DEPTH_MAX = 5;
/** SDK `gasCostPerIteration`. */
const GAS_PER_QUEUED = 20;

/** The key with the two accounts changed round: of the index by grantee, or back. */
export const turned = ([a, b, messageType]: GrantKey): GrantKey => [b, a, messageType];

export type Keeper = ReturnType<typeof createKeeper>;

export const expirationOf = ({ expiration }: Pick<Grant, "expiration">): bigint | undefined =>
  expiration && timestampToNs(expiration);

/** Whether it still counts: it does in the very moment in which it expires, as in the SDK. */
export function isLive({ time }: QueryCtx, grant: Grant): boolean {
  const expiration = expirationOf(grant);
  return expiration === undefined || expiration >= time;
}

export function createKeeper({ accounts, bank, router }: AuthzDeps) {
  /** One that has expired but waits to be removed is not there. */
  function get(ctx: QueryCtx, key: GrantKey): Grant | undefined {
    const grant = state.grants.get(ctx, key);
    return grant && isLive(ctx, grant) ? grant : undefined;
  }

  function existing(ctx: QueryCtx, key: GrantKey): Grant {
    const grant = get(ctx, key);
    if (!grant) throw fail.notFound(...key);
    return grant;
  }

  /** The SDK tells attributes by name. */
  function tell(ctx: Ctx, type: "EventGrant" | "EventRevoke", [granter, grantee, messageType]: GrantKey): void {
    ctx.emitRaw(`cosmos.authz.v1beta1.${type}`, [
      ["grantee", jsonText(grantee)],
      ["granter", jsonText(granter)],
      ["msg_type_url", jsonText(messageType)],
    ]);
  }

  /** Writes a grant and its place in the queue, over what was there. */
  function set(ctx: Ctx, key: GrantKey, grant: Grant): void {
    const old = state.grants.get(ctx, key);
    const before = old && expirationOf(old);
    const expiration = expirationOf(grant);
    if (before !== expiration) {
      if (before !== undefined) dequeue(ctx, key, before);
      if (expiration !== undefined) enqueue(ctx, key, expiration);
    }
    state.grants.set(ctx, key, grant);
    if (!old) ctx.gas.free(() => state.byGrantee.set(ctx, turned(key), undefined));
  }

  function erase(ctx: Ctx, key: GrantKey): void {
    state.grants.delete(ctx, key);
    ctx.gas.free(() => state.byGrantee.delete(ctx, turned(key)));
  }

  function remove(ctx: Ctx, key: GrantKey, grant: Grant): void {
    const expiration = expirationOf(grant);
    if (expiration !== undefined) dequeue(ctx, key, expiration);
    erase(ctx, key);
  }

  /** Throws `authz/2` when there is none. */
  function revoke(ctx: Ctx, key: GrantKey): void {
    remove(ctx, key, existing(ctx, key));
    tell(ctx, "EventRevoke", key);
  }

  /** Asks the grant whether it covers the message, and takes from it what the message uses. */
  function use(ctx: Ctx, key: GrantKey, message: Any): void {
    const grant = existing(ctx, key);
    const result = readAuthorization(grant.authorization).use(ctx, message);
    if (result === "spent") revoke(ctx, key);
    else if (result !== "unchanged") {
      // The SDK reads it again before it writes it; gas counts both.
      existing(ctx, key);
      state.grants.set(ctx, key, { ...grant, authorization: result.left });
    }
  }

  return {
    get,

    /** Grants `authorization`, over an earlier grant for the same messages. Throws `sdk/4`, `sdk/29`, `authz/3` and by the rules of its kind. */
    grant(ctx: Ctx, granter: Address, grantee: Address, grant: Grant): void {
      const { messageType } = readAuthorization(grant.authorization);
      if (!accounts.get(ctx, grantee)) {
        bank.checkNotBlocked(ctx, grantee);
        accounts.create(ctx, grantee);
      }
      if (!router.handles(messageType)) throw sdkError.invalidType(`${messageType} doesn't exist.`);
      const expiration = expirationOf(grant);
      if (expiration !== undefined && expiration <= ctx.time) throw fail.badExpiration(expiration, ctx.time);
      const key = [granter, grantee, messageType] as const;
      set(ctx, key, grant);
      tell(ctx, "EventGrant", key);
    },

    /** As genesis has it: one that has expired is removed at the beginning of the first block. */
    restore(ctx: Ctx, granter: Address, grantee: Address, grant: Grant): void {
      set(ctx, [granter, grantee, readAuthorization(grant.authorization).messageType], grant);
    },

    revoke,

    /** Takes back all grants, or all for one grantee. Returns how many. Throws `authz/102` when there are too many for one message. */
    revokeAll(ctx: Ctx, granter: Address, grantee: Address | undefined): number {
      const prefix = grantee === undefined ? ([granter] as const) : ([granter, grantee] as const);
      const all = [...state.grants.entries(ctx, { prefix, limit: REVOKED_PER_MESSAGE_MAX + 1 })];
      if (all.length > REVOKED_PER_MESSAGE_MAX) throw fail.tooManyGrants(REVOKED_PER_MESSAGE_MAX);
      let revoked = 0;
      for (const [key, grant] of all) {
        remove(ctx, key, grant);
        if (!isLive(ctx, grant)) continue;
        tell(ctx, "EventRevoke", key);
        revoked++;
      }
      return revoked;
    },

    /**
     * Handles messages of others for `grantee`, whom they authorised; its own too. Returns their responses. Throws `authz/9` for
     * a message with more than one signer, `authz/2` for one that nobody authorised, and what authorisation and handler throw.
     * Source: SDK x/authz `DispatchActions`.
     */
    execute(ctx: Ctx, grantee: Address, messages: readonly Any[]): readonly Uint8Array[] {
      checkDepth(messages);
      return messages.map((message, index) => {
        const signers = router.signers(ctx, message);
        const granter = signers[0];
        if (granter === undefined || signers.length > 1) throw fail.wrongSigners(message.typeUrl, signers.length);
        if (granter !== grantee) use(ctx, [granter, grantee, message.typeUrl], message);
        const { result, events } = collectEvents(ctx, (inner) => router.dispatch(inner, message, granter));
        for (const { type, attributes } of events) {
          const plain = attributes.map(({ key, value }) => [key, value] as const);
          ctx.emitRaw(type, [...plain, ["authz_msg_index", index.toString()]]);
        }
        return result.value;
      });
    },

    /** Removes some of the grants that have expired: at most `PRUNED_PER_BLOCK_MAX`. */
    prune(ctx: Ctx): void {
      const due = [...state.queue.entries(ctx, { toPrefix: [ctx.time - 1n], limit: PRUNED_PER_BLOCK_MAX })];
      let left = PRUNED_PER_BLOCK_MAX;
      for (const [key, { msgTypeUrls: types }] of due) {
        if (left <= 0) return;
        const [, granter, grantee] = key;
        for (const type of types.slice(0, left)) erase(ctx, [granter, grantee, type]);
        if (types.length > left) state.queue.set(ctx, key, { msgTypeUrls: types.slice(left) });
        else state.queue.delete(ctx, key);
        left -= types.length;
      }
    },
  };
}

/** Type URLs ascend by their bytes. */
const compareTypes = (a: string, b: string): number => compare(toUtf8(a), toUtf8(b));

function enqueue(ctx: Ctx, [granter, grantee, messageType]: GrantKey, expiration: bigint): void {
  const at = [expiration, granter, grantee] as const;
  const types = state.queue.get(ctx, at)?.msgTypeUrls ?? [];
  state.queue.set(ctx, at, { msgTypeUrls: [...types, messageType].sort(compareTypes) });
}

function dequeue(ctx: Ctx, [granter, grantee, messageType]: GrantKey, expiration: bigint): void {
  const at = [expiration, granter, grantee] as const;
  const types = state.queue.get(ctx, at)?.msgTypeUrls ?? [];
  const index = types.indexOf(messageType);
  if (index < 0) throw sdkError.logic(`queue has no ${messageType} at ${expiration} ns, want it there`);
  ctx.gas.use(GAS_PER_QUEUED * (index + 1), "grant queue");
  const msgTypeUrls = types.filter((type) => type !== messageType);
  if (msgTypeUrls.length > 0) {
    state.queue.set(ctx, at, { msgTypeUrls });
    return;
  }
  state.queue.delete(ctx, at);
  // The SDK writes an empty entry instead: we take the gas of that.
  const keyBytes = 1 + 29 + lengthOf(granter, ctx) + lengthOf(grantee, ctx);
  const { writeCostFlat, writeCostPerByte, deleteCost } = KV_GAS_COSTS;
  ctx.gas.use(writeCostFlat + writeCostPerByte * keyBytes - deleteCost, "WriteFlat");
}

/** Of an address in a key, with the byte of its length. */
const lengthOf = (address: Address, { addressPrefix }: QueryCtx): number =>
  1 + addressToBytes(address, addressPrefix).length;

/** Throws `authz/101`. Cost: one step a message; a transaction has room for few, and `ANY_COUNT_MAX` limits those in one. */
function checkDepth(messages: readonly Any[]): void {
  let level = messages;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > EXEC_DEPTH_MAX) throw fail.tooDeep(EXEC_DEPTH_MAX);
    level = level.flatMap((any) => (any.typeUrl === MsgExec.typeUrl ? decodeAny(MsgExec, any).msgs : []));
  }
}
