/** Transactions as JSON, in the SDK's form. */

import { Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { fromJson, toJson } from "@interfirm/proto/json";
import { createRegistry } from "@interfirm/proto/registry";
import type { JsonObject } from "../config/genesis.ts";

/** Every message that this release knows. */
export const registry = createRegistry(allTypes);

export const txToJson = (tx: Tx): JsonObject => toJson(Tx, tx, registry) as JsonObject;

/** Throws a WireError that names the field. */
export const txFromJson = (json: unknown): Tx => fromJson(Tx, json as never, registry);
