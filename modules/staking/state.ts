import { IntProto } from "@interfirm/proto/gen/cosmos/base/v1beta1";
import {
  Delegation,
  DVPairs,
  DVVTriplets,
  HistoricalInfo,
  Params,
  Redelegation,
  UnbondingDelegation,
  ValAddresses,
  Validator,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { Any } from "@interfirm/proto/gen/google/protobuf";
import { KeyRotation, Params as OwnParams } from "@interfirm/proto/gen/interfirm/staking/v1";
import { defineState, index } from "../kernel/collections.ts";
import { address, addressLast, bytesLength, pair, sortableTime, timeNs, triple, u64 } from "../kernel/keys.ts";
import { bytesValue, u64Value } from "../kernel/values.ts";
import { invertedOperator, operator, timeLength } from "./keys.ts";
import { int64 } from "./values.ts";

export const STORE_KEY = "staking";

/**
 * State layout: up to 0x71 the keys and values of the SDK's x/staking, so that its verifiers and its gas apply.
 * Of the SDK's we leave out 0x38 and 0x39 (which operation has which unbonding number: for Interchain Security's holds)
 * and 0x61 (updates of the last block, which are in its results).
 */
export const state = defineState(STORE_KEY, (store) => ({
  lastPowers: store.map(0x11, operator, int64),
  lastTotalPower: store.item(0x12, IntProto),
  validators: store.map(0x21, operator, Validator),
  byConsensusAddress: store.map(0x22, bytesLength, bytesValue),
  byPower: store.map(0x23, pair(u64, invertedOperator), bytesValue),
  delegations: store.map(0x31, pair(address, operator), Delegation),
  unbondings: store.map(0x32, pair(address, operator), UnbondingDelegation),
  unbondingsByValidator: store.keySet(0x33, pair(operator, address)),
  redelegations: store.map(0x34, triple(address, operator, operator), Redelegation),
  redelegationsBySource: store.keySet(0x35, triple(operator, address, operator)),
  redelegationsByDestination: store.keySet(0x36, triple(operator, address, operator)),
  lastUnbondingId: store.item(0x37, u64Value),
  unbondingQueue: store.map(0x41, sortableTime, DVPairs),
  redelegationQueue: store.map(0x42, sortableTime, DVVTriplets),
  validatorQueue: store.map(0x43, pair(timeLength, u64), ValAddresses),
  history: store.map(0x50, u64, HistoricalInfo),
  params: store.item(0x51, Params),
  delegators: store.keySet(0x71, pair(operator, addressLast)),
  ownParams: store.item(0x90, OwnParams),
  rotations: store.indexedMap(0x91, pair(timeNs, bytesLength), KeyRotation, {
    operator: index(0x92, operator, (rotation: KeyRotation) => [rotation.operatorAddress]),
  }),
  rotatedNow: store.map(0x93, operator, Any),
  cappedPowers: store.map(0x94, operator, int64),
  openRedelegations: store.map(0x95, operator, u64Value),
}));
