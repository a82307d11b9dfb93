/** A chain with authz for tests, and a router of its messages. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { auth } from "../auth/module.ts";
import { messageSigners } from "../auth/signers.ts";
import { bank } from "../bank/module.ts";
import { decodeAny } from "../kernel/any.ts";
import type { Coin } from "../kernel/coins.ts";
import type { AnyModule } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addr, createWorld } from "../kernel/testing.ts";
import { NS_PER_SECOND, nsToTimestamp } from "../kernel/time.ts";
import type { Router } from "./keeper.ts";
import { authz } from "./module.ts";

export const alice = addr("alice");
export const bob = addr("bob");
export const carol = addr("carol");

/** Seconds since 1970 when every world begins. */
export const NOW = 1_700_000_000n;
/** Seconds from then. */
export const at = (seconds: bigint) => nsToTimestamp((NOW + seconds) * NS_PER_SECOND);
export const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
export const any = <T>(type: MessageType<T>, value: DeepPartial<T>): Any => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(value)).finish(),
});

/** As that of the application, which these modules cannot see. */
function createRouter(modules: () => readonly AnyModule[]): Router {
  const routeOf = (typeUrl: string) => {
    for (const { type, handlers } of modules().flatMap((module) => module.msgs ?? [])) {
      for (const [name, method] of Object.entries(type.methods)) {
        if (method.input.typeUrl === typeUrl) return { method, handle: handlers[name]! };
      }
    }
    return undefined;
  };
  const open = (typeUrl: string) => {
    const route = routeOf(typeUrl);
    if (!route) throw sdkError.unknownRequest(`no message handler found for ${typeUrl}`);
    return route;
  };
  return {
    handles: (typeUrl) => routeOf(typeUrl) !== undefined,
    signers(ctx, message) {
      const { input } = open(message.typeUrl).method;
      return messageSigners(input, decodeAny(input, message), ctx.addressPrefix);
    },
    dispatch(ctx, message, signer) {
      const { method, handle } = open(message.typeUrl);
      const value: unknown = decodeAny(method.input, message);
      const signers = messageSigners(method.input, value, ctx.addressPrefix);
      if (signers.length !== 1 || signers[0] !== signer) throw sdkError.unauthorized("wrong signers");
      const response = handle(ctx, value as never) ?? {};
      return { typeUrl: method.output.typeUrl, value: method.output.encode(response).finish() };
    },
  };
}

export function compose(more: readonly AnyModule[] = []) {
  const accounts = auth({ moduleAccounts: { fee_collector: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector"] });
  const module = authz({ accounts: accounts.keeper, bank: money.keeper, router: createRouter(() => modules) });
  const modules: readonly AnyModule[] = [accounts, money, module, ...more];
  return { accounts, money, module, modules };
}

export function setup(more: readonly AnyModule[] = []) {
  const { accounts, money, module, modules } = compose(more);
  const world = createWorld(modules, { time: NOW * NS_PER_SECOND });
  const balances = [alice, bob].map((address) => ({ address, coins: [coin(1_000n), coin(100n, "uusd")] }));
  world.init({ bank: { ...money.genesis.empty, balances } });
  world.events.length = 0;
  return {
    world,
    accounts: accounts.keeper,
    bank: money.keeper,
    keeper: module.keeper,
    balance: (who: typeof alice) => world.query((ctx) => money.keeper.balance(ctx, who, "ufirm")),
    pass(seconds: bigint) {
      world.time += seconds * NS_PER_SECOND;
    },
  };
}
