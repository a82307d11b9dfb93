import type { QueryCtx } from "@interfirm/modules/kernel/context";
import { createQueryCtx } from "@interfirm/modules/kernel/ctx";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import type * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { MessageType } from "@interfirm/proto/types";
import { WireError } from "@interfirm/proto/wire";
import type { Logger } from "../abci/logger.ts";
import { HeightError, StoreError } from "../store/errors.ts";
import type { MultiStore } from "../store/multistore.ts";
import type { ReadView } from "../store/version.ts";
import type { Blocks } from "./blocks.ts";
import { checkProvable, type PathHandler } from "./paths.ts";
import { methodFailure, plainFailure, type QueryFailure } from "./query-errors.ts";
import { QueryMeter } from "./query-meter.ts";
import { andThen, type Maybe, NOTHING, orElse } from "./query-result.ts";
import type { QueryRoute } from "./router.ts";
import type { NodeRoute } from "./services/service.ts";

/** What a query may cost. */
export interface QueryLimits {
  /** 0 for no limit. */
  readonly gas: number;
  /** Milliseconds of a synchronous query. */
  readonly timeMs: number;
}

export interface QueryDeps {
  readonly appName: string;
  readonly store: MultiStore;
  readonly blocks: Blocks;
  /** Methods of modules: they read one committed version. */
  readonly routes: ReadonlyMap<string, QueryRoute>;
  /** Methods of the node: they may ask CometBFT. */
  readonly nodeRoutes: ReadonlyMap<string, NodeRoute>;
  /** `/app/…`, `/store/…`, `/p2p/…`, by their first part. */
  readonly paths: ReadonlyMap<string, PathHandler>;
  readonly limits: QueryLimits;
  readonly logger: Logger;
}

/** An answer of `app.query`: the response's bytes, and the height of the version it was read from. */
export interface QueryAnswer {
  readonly value: Uint8Array;
  readonly height: bigint;
}

/** Longest path and longest request that are looked at. */
const PATH_MAX = 1024;
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;

export type Queries = ReturnType<typeof createQueries>;

/**
 * Answers queries over committed versions. Every failure is a code and a text; a throw would end the node, for CometBFT
 * stops on an exception (T7). A query sees one version from its start to its end (T5).
 */
export function createQueries(deps: QueryDeps) {
  const { appName, store, blocks, routes, nodeRoutes, paths, limits, logger } = deps;

  /** The committed version at `height`, 0 being the latest. */
  function viewAt(height: bigint): Maybe<ReadView> {
    if (height < 0n) {
      throw sdkError.invalidRequest("cannot query with height < 0; please provide a valid height");
    }
    if (store.version === 0n) throw sdkError.invalidHeight(`${appName} is not ready; please wait for first block`);
    if (height > store.version) {
      throw sdkError.invalidHeight("cannot query with height in the future; please provide a valid height");
    }
    if (height === 0n) return store.latest;
    return store.recent(height) ?? store.at(height);
  }

  function contextOf(view: ReadView, bounds: QueryLimits = limits): QueryCtx {
    const { chainId, addressPrefix } = blocks.chain();
    const { height, time } = view;
    const gas = new QueryMeter(bounds);
    return createQueryCtx({ chainId, addressPrefix, height, time, gas, open: (key) => view.store(key) });
  }

  /** The method of a service at `path`, if it is one: from a request's bytes to the response's. */
  function methodAt(path: string): ((request: Uint8Array, view: ReadView) => Maybe<Uint8Array>) | undefined {
    const route = routes.get(path);
    if (route) {
      const { input, output } = route.method;
      return (request, view) =>
        output.encode(route.handle(contextOf(view), decodeRequest(input, request)) ?? {}).finish();
    }
    const nodeRoute = nodeRoutes.get(path);
    if (!nodeRoute) return undefined;
    const { input, output } = nodeRoute.method;
    return (request, view) =>
      andThen(nodeRoute.handle(decodeRequest(input, request), view), (answer) => output.encode(answer ?? {}).finish());
  }

  function answer(request: abci.RequestQuery): Maybe<abci.ResponseQuery> {
    const { path, data, height, prove } = request;
    if (path.length > PATH_MAX || data.length > REQUEST_BYTES_MAX) {
      throw sdkError.invalidRequest(`path or request is too long, want ${PATH_MAX} and ${REQUEST_BYTES_MAX} bytes`);
    }
    const method = methodAt(path);
    if (method) {
      return andThen(viewAt(height), (view) => {
        if (prove) checkProvable(view);
        return orElse(
          () => andThen(method(data, view), (value) => ({ ...NOTHING, value, height: view.height })),
          (error) => failed(error, path, methodFailure, view.height),
        );
      });
    }
    const parts = path.split("/");
    if (parts[0] === "") parts.shift();
    const handler = paths.get(parts[0] ?? "");
    if (!handler) throw sdkError.unknownRequest("unknown query path");
    return handler({ parts, request, viewAt, meter: () => new QueryMeter(limits) });
  }

  /** What ResponseQuery says of any error, bugs included: those tell nothing and are logged. */
  function failed(
    error: unknown,
    path: string,
    describe: (error: unknown, path: string) => QueryFailure,
    height: bigint,
  ): abci.ResponseQuery {
    try {
      return { ...NOTHING, ...describe(known(error, store.version), path), height };
    } catch (bug) {
      logger.error(
        { path: path.slice(0, 200), error: bug instanceof Error ? bug.stack : String(bug) },
        "a query met a bug",
      );
      return { ...NOTHING, code: 1, codespace: "internal", log: "internal error", height };
    }
  }

  return {
    viewAt,
    contextOf,

    /** One method of a service, for whoever serves it under another protocol. Rejects with `ChainError`. */
    async query(path: string, request: Uint8Array, height: bigint): Promise<QueryAnswer> {
      const method = methodAt(path);
      if (!method) throw sdkError.unknownRequest("unknown query path");
      const view = await viewAt(height);
      return { value: await method(request, view), height: view.height };
    },

    /** A failure of a method tells the height that it was asked at; any other tells 0, for no state was read. */
    abciQuery: (request: abci.RequestQuery): Maybe<abci.ResponseQuery> =>
      orElse(
        () => answer(request),
        (error) => failed(error, request.path, plainFailure, 0n),
      ),
  };
}

/** Untrusted bytes of a query. The generated decoders are bounded and pass over unknown fields, as gRPC does. Throws `sdk/18`. */
function decodeRequest(type: MessageType<unknown>, bytes: Uint8Array): unknown {
  try {
    return type.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) throw sdkError.invalidRequest(`${type.typeName} does not parse: ${error.message}`);
    throw error;
  }
}

/** Errors of the store in the SDK's terms. */
function known(error: unknown, latest: bigint): unknown {
  if (error instanceof HeightError) {
    const { height, earliest } = error;
    return sdkError.notFound(
      `failed to load state at height ${height}; want ${earliest} to ${latest} (latest height: ${latest})`,
    );
  }
  // A height before the upgrade that brought the store.
  if (error instanceof StoreError && error.kind === "stores") return sdkError.notFound(error.message);
  if (error instanceof StoreError && error.kind === "busy") return new ChainError("sdk", 37, error.message);
  return error;
}
