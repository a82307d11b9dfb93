import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import type { AnyModule, ServiceImpl } from "@interfirm/modules/kernel/module";
import type { MessageType, Method } from "@interfirm/proto/types";

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
