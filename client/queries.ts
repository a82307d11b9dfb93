import type { QueryClient } from "@cosmjs/stargate";
import type { DeepPartial } from "@interfirm/proto/types";
import { InterfirmError } from "./errors.ts";
import { byModule, type Input, type ModuleKey, type Output, type QueryService, queryServices } from "./services.ts";

export interface QueryOptions {
  /** Height of the state to ask; the newest unless told. Throws `sdk/invalidHeight` when it is pruned or still to come. */
  readonly height?: bigint | undefined;
}

type QueryMethods<S extends QueryService> = {
  readonly [K in keyof S["methods"]]: (
    request?: DeepPartial<Input<S["methods"][K]>>,
    options?: QueryOptions,
  ) => Promise<Output<S["methods"][K]>>;
};

/** `query.bank.allBalances({ address })`: every method of every module that is asked. */
export type Queries = {
  readonly [S in QueryService as ModuleKey<S, QueryService>]: QueryMethods<S>;
};

/** An ABCI query without proof: path, request, height (undefined: newest) → response bytes. */
export type Ask = (path: string, request: Uint8Array, height: bigint | undefined) => Promise<Uint8Array>;

/** Derives every query from the descriptors. A call throws the chain's refusal as `InterfirmError`. */
export function createQueries(ask: Ask): Queries {
  const modules = byModule(
    queryServices,
    (service, method) =>
      async (request: object = {}, options: QueryOptions = {}) => {
        const bytes = method.input.encode(method.input.fromPartial(request)).finish();
        return method.output.decode(await ask(`/${service.typeName}/${method.name}`, bytes, options.height));
      },
  );
  // The record is built from the same services that the type is mapped over.
  return modules as unknown as Queries;
}

/** What stands between a query's end of the wire and its refusal's error. */
export function toQueryError(response: {
  readonly code?: number | undefined;
  readonly codespace?: string | undefined;
  readonly log?: string | undefined;
}): InterfirmError {
  return new InterfirmError({
    codespace: response.codespace ?? "",
    code: response.code ?? 1,
    rawLog: response.log ?? "",
  });
}

/** For plain CosmJS: `QueryClient.withExtensions(comet, setupInterfirmExtension)` gives `client.interfirm.agreements…`. */
export function setupInterfirmExtension(base: QueryClient): { readonly interfirm: Queries } {
  const ask: Ask = async (path, request, height) =>
    (await base.queryAbci(path, request, height === undefined ? undefined : Number(height))).value;
  return { interfirm: createQueries(ask) };
}
