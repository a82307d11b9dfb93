import type { Params } from "@interfirm/proto/gen/cosmos/bank/v1beta1";

/** Source: Cosmos SDK 0.53 x/bank/types/params.go. */
export const DEFAULT_PARAMS: Params = { sendEnabled: [], defaultSendEnabled: true };
