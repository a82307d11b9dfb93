import { ChainError } from "@interfirm/modules/kernel/errors";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { type Rpc, RpcError } from "../../comet/rpc.ts";

const UNKNOWN_REQUEST = 6;

/** A gRPC status that the SDK's ABCI side does not map: `sdk/6` with the status in its text. */
export const statusError = (status: string, why: string, cause?: unknown): ChainError =>
  new ChainError("sdk", UNKNOWN_REQUEST, `rpc error: code = ${status} desc = ${why}: unknown request`, { cause });

/** What CometBFT says of a height that its chain has not reached: a mistake of who asks, `InvalidArgument` in the SDK. */
const FUTURE_HEIGHT = /^height \d+ must be less than or equal to the current blockchain height \d+$/;

/** Asks CometBFT. Rejects with `ChainError`: its own refusals say what it said, no answer is `Unavailable`. */
export async function ask<T>(rpc: Rpc | undefined, call: (rpc: Rpc) => Promise<T>): Promise<T> {
  if (!rpc) throw statusError("Unavailable", "the application knows no CometBFT to ask");
  try {
    return await call(rpc);
  } catch (error) {
    if (error instanceof RpcError) {
      if (FUTURE_HEIGHT.test(error.data)) throw sdkError.invalidRequest(error.data);
      throw statusError("Internal", error.message, error);
    }
    if (error instanceof Error && error.name === "RpcUnreachableError") {
      throw statusError("Unavailable", "CometBFT does not answer", error);
    }
    throw error;
  }
}
