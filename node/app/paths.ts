import { prefixEnd, toUtf8 } from "@interfirm/modules/kernel/bytes";
import { defineErrors } from "@interfirm/modules/kernel/errors";
import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { GasReadStore } from "@interfirm/modules/kernel/gas-store";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { SimulationResponse } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import type { RequestQuery, ResponseQuery } from "@interfirm/proto/gen/tendermint/abci";
import { toJson } from "@interfirm/proto/json";
import type { Registry } from "@interfirm/proto/registry";
import { Writer } from "@interfirm/proto/runtime";
import { prove } from "../store/proof.ts";
import type { ReadView } from "../store/version.ts";
import type { TxOutcome } from "./execute.ts";
import { andThen, type Maybe, NOTHING } from "./query-result.ts";

/** Answers one of the paths that are no methods. Throws `ChainError`. */
export type PathHandler = (query: PathQuery) => Maybe<ResponseQuery>;

export interface PathQuery {
  /** Parts between the slashes. */
  readonly parts: readonly string[];
  readonly request: RequestQuery;
  /** Throws `sdk/18` and `sdk/26`, rejects with a `HeightError`. */
  readonly viewAt: (height: bigint) => Maybe<ReadView>;
  readonly meter: () => GasMeter;
}

export interface PathsDeps {
  readonly version: string;
  readonly simulate: (tx: Uint8Array) => TxOutcome;
  readonly registry: Registry;
}

/** Entries in one answer of `/store/<name>/subspace`. */
const SUBSPACE_MAX = 1000;
/** Heights up to this have no proof: their app hash stands in no header. As in the SDK. */
const UNPROVEN_HEIGHT = 1n;

/** The SDK's errors of `/store/…`: codespace `store`. Source: store v1.1 types/errors.go. */
const storeError = defineErrors("store", {
  txDecode: [3, (why: string) => `${why}: tx parse error`],
  unknownRequest: [4, (why: string) => `${why}: unknown request`],
});

/** Throws `sdk/18` for a version that no header proves. */
export function checkProvable({ height }: ReadView): void {
  if (height <= UNPROVEN_HEIGHT) {
    throw sdkError.invalidRequest("cannot query with proof when height <= 1; please provide a valid height");
  }
}

/** `/app/…`, `/store/…` and `/p2p/…` by their first part. Source: Cosmos SDK 0.53 baseapp/abci.go. */
export function createPaths({ version, simulate, registry }: PathsDeps): ReadonlyMap<string, PathHandler> {
  return new Map<string, PathHandler>([
    ["app", app],
    ["store", store],
    ["p2p", p2p],
  ]);

  function app({ parts, request, viewAt }: PathQuery): Maybe<ResponseQuery> {
    return andThen(viewAt(0n), ({ height: latest }) => {
      const height = request.height > 0n ? request.height : latest;
      switch (parts[1]) {
        case "version":
          return { ...NOTHING, codespace: "sdk", height, value: toUtf8(version) };
        case "simulate": {
          const { code, codespace, log, data, gasWanted, gasUsed, events, responses } = simulate(request.data);
          if (code !== 0) return { ...NOTHING, code, codespace, height, log: `failed to simulate tx: ${log}` };
          const response = { gasInfo: { gasWanted, gasUsed }, result: { data, log, events, msgResponses: responses } };
          const json = JSON.stringify(toJson(SimulationResponse, response, registry));
          return { ...NOTHING, codespace: "sdk", height, value: toUtf8(json) };
        }
        default:
          throw sdkError.unknownRequest(
            parts[1] === undefined
              ? "expected second parameter to be either 'simulate' or 'version', neither was present"
              : `unknown query: ${parts.slice(0, 4).join("/").slice(0, 200)}`,
          );
      }
    });
  }

  function store({ parts, request, viewAt, meter }: PathQuery): Maybe<ResponseQuery> {
    const { data, height, prove: wantsProof } = request;
    const name = parts[1] ?? "";
    const kind = parts.slice(2).join("/");
    return andThen(viewAt(height), (view) => {
      if (wantsProof) checkProvable(view);
      if (!view.hasStore(name)) throw storeError.unknownRequest(`no such store: ${name.slice(0, 80)}`);
      if (data.length === 0) throw storeError.txDecode("query cannot be zero length");
      switch (kind) {
        case "subspace": {
          const value = subspace(new GasReadStore(view.store(name), meter()), data);
          return { ...NOTHING, key: data, value, height: view.height };
        }
        case "key": {
          if (!wantsProof) {
            return { ...NOTHING, key: data, value: view.store(name).get(data) ?? NOTHING.value, height: view.height };
          }
          const { value, ops } = prove(view, name, data);
          return { ...NOTHING, key: data, value: value ?? NOTHING.value, proofOps: { ops }, height: view.height };
        }
        default:
          throw storeError.unknownRequest(`unexpected query path: ${kind.slice(0, 80)}`);
      }
    });
  }

  /** CometBFT asks about peers with `filter_peers`; every one is welcome. */
  function p2p({ parts }: PathQuery): Maybe<ResponseQuery> {
    const [, filter, by, value] = parts;
    if (filter !== "filter" || (by !== "addr" && by !== "id") || value === undefined) {
      throw sdkError.unknownRequest("path should be p2p filter <addr|id> <parameter>");
    }
    return NOTHING;
  }
}

/** The SDK's `kv.Pairs`: every entry whose key starts with `prefix`. Throws `sdk/18` when there are too many. */
function subspace(store: GasReadStore, prefix: Uint8Array): Uint8Array {
  const writer = new Writer();
  let count = 0;
  for (const [key, value] of store.range(prefix, prefixEnd(prefix))) {
    if (++count > SUBSPACE_MAX) {
      throw sdkError.invalidRequest(`subspace has more than ${SUBSPACE_MAX} entries, want a longer prefix`);
    }
    const pair = new Writer().uint32(10).bytes(key);
    if (value.length > 0) pair.uint32(18).bytes(value);
    writer.uint32(10).bytes(pair.finish());
  }
  return writer.finish();
}
