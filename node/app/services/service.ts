import type { MessageType, Method, ServiceType } from "@interfirm/proto/types";
import type { ReadView } from "../../store/version.ts";
import { queryPath } from "../router.ts";

type Input<M> = M extends Method<infer I, infer _> ? I : never;
type Output<M> = M extends Method<infer _, infer O> ? O : never;

/** A method of the node itself. It may ask CometBFT; `view` is the version that the query was asked at. */
export interface NodeRoute {
  readonly method: {
    readonly input: MessageType<unknown>;
    readonly output: MessageType<unknown>;
  };
  handle(request: unknown, view: ReadView): unknown | Promise<unknown>;
}

export type NodeHandlers<S extends ServiceType> = {
  readonly [K in keyof S["methods"]]: (
    request: Input<S["methods"][K]>,
    view: ReadView,
  ) => Output<S["methods"][K]> | Promise<Output<S["methods"][K]>>;
};

/** Method path to route, for every method of the service. */
export function serveNode<S extends ServiceType>(
  type: S,
  handlers: NodeHandlers<S>,
): (readonly [path: string, route: NodeRoute])[] {
  return Object.entries(type.methods).map(([name, method]) => {
    // `NodeHandlers` has checked that each handler takes and gives what its method does.
    const handler = handlers[name as keyof S["methods"]] as (request: unknown, view: ReadView) => unknown;
    return [queryPath(type.typeName, method.name), { method, handle: handler }];
  });
}
