import { messageSigners } from "@interfirm/modules/auth/signers";
import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import { ChainError } from "@interfirm/modules/kernel/errors";
import type { AnyModule, ServiceImpl } from "@interfirm/modules/kernel/module";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { WireError } from "@interfirm/proto/runtime";
import type { Address, MessageType, Method } from "@interfirm/proto/types";
import { INTERNAL, sameBug } from "./bugs.ts";

/** Handles one message type. */
export interface MsgRoute {
  readonly input: MessageType<unknown>;
  readonly output: MessageType<unknown>;
  handle(ctx: Ctx, message: unknown): unknown;
}

/** Handles one query method. */
export interface QueryRoute {
  readonly method: Method<unknown, unknown>;
  handle(ctx: QueryCtx, request: unknown): unknown;
}

/** Type URL to handler. Throws a plain Error when two modules serve the same message: that is a wiring bug. */
export function routeMessages(modules: readonly AnyModule[]): ReadonlyMap<string, MsgRoute> {
  const routes = new Map<string, MsgRoute>();
  for (const module of modules) {
    for (const service of module.msgs ?? []) {
      for (const { method, handle } of methodsOf(module.name, service)) {
        const { typeUrl } = method.input;
        if (routes.has(typeUrl)) throw new Error(`${module.name}: ${typeUrl} has a handler already`);
        routes.set(typeUrl, { input: method.input, output: method.output, handle });
      }
    }
  }
  return routes;
}

/** `/cosmos.bank.v1beta1.Query/Balance` to handler. Throws a plain Error when two modules serve the same method. */
export function routeQueries(modules: readonly AnyModule[]): ReadonlyMap<string, QueryRoute> {
  const routes = new Map<string, QueryRoute>();
  for (const module of modules) {
    for (const service of module.queries ?? []) {
      for (const { method, handle } of methodsOf(module.name, service)) {
        const path = queryPath(service.type.typeName, method.name);
        if (routes.has(path)) throw new Error(`${module.name}: ${path} has a handler already`);
        routes.set(path, { method, handle });
      }
    }
  }
  return routes;
}

export const queryPath = (service: string, method: string): string => `/${service}/${method}`;

function* methodsOf<C>(module: string, { type, handlers }: ServiceImpl<C>) {
  for (const [name, method] of Object.entries(type.methods)) {
    const handler = handlers[name];
    if (!handler) throw new Error(`${module}: ${type.typeName}/${method.name} has no handler`);
    // The handler's request has the type that the method's input decodes to: `serve` checked it.
    const handle = (ctx: C, request: unknown): unknown => handler(ctx, request as never);
    yield { method, handle };
  }
}

/** Handles messages that a module holds: those of a proposal, or of somebody who was authorised. */
export interface MsgRouter {
  /** Whether a module handles messages of this type. */
  handles(typeUrl: string): boolean;
  /** Who signs the message. Throws `sdk/6` for one that nobody handles, `sdk/34` for bytes that are not of its type, `sdk/7`. */
  signers(ctx: QueryCtx, message: Any): readonly Address[];
  /**
   * Handles the message, if `signer` is its only signer, and returns the response. Throws `sdk/4` for another signer, before
   * the handler runs, and what the handler throws; `internal/1` for a bug in it, so that a proposal which meets one fails
   * like a transaction that does. Its events are the context's.
   */
  dispatch(ctx: Ctx, message: Any, signer: Address): Any;
}

/** `modules` is asked at the first message: a module that holds messages is one of them itself. `onBug` hears of bugs. */
export function createMsgRouter(modules: () => readonly AnyModule[], onBug?: (bug: Error) => void): MsgRouter {
  let known: ReadonlyMap<string, MsgRoute> | undefined;
  const routes = (): ReadonlyMap<string, MsgRoute> => {
    known ??= routeMessages(modules());
    return known;
  };

  function open(ctx: QueryCtx, { typeUrl, value }: Any) {
    const route = routes().get(typeUrl);
    if (!route) throw sdkError.unknownRequest(`no message handler found for ${typeUrl}`);
    try {
      const message = route.input.decode(value);
      return { route, message, signers: messageSigners(route.input, message, ctx.addressPrefix) };
    } catch (error) {
      if (error instanceof WireError) throw sdkError.unpackAny(error.message);
      throw error;
    }
  }

  function handled(ctx: Ctx, route: MsgRoute, message: unknown): unknown {
    try {
      return route.handle(ctx, message) ?? {};
    } catch (error) {
      if (error instanceof ChainError) throw error;
      const bug = sameBug(error);
      onBug?.(bug);
      throw new ChainError(INTERNAL.codespace, INTERNAL.code, INTERNAL.message, { cause: bug });
    }
  }

  return {
    handles: (typeUrl) => routes().has(typeUrl),
    signers: (ctx, message) => open(ctx, message).signers,
    dispatch(ctx, any, signer) {
      const { route, message, signers } = open(ctx, any);
      if (signers.length !== 1 || signers[0] !== signer) {
        throw sdkError.unauthorized(`${any.typeUrl} is signed by ${signers.join(", ")}, want ${signer} alone`);
      }
      const response = handled(ctx, route, message);
      return { typeUrl: route.output.typeUrl, value: route.output.encode(response).finish() };
    },
  };
}
