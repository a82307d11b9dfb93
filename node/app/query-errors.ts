import { ChainError } from "@interfirm/modules/kernel/errors";

/** What ResponseQuery says of a refusal. */
export interface QueryFailure {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

const SDK = "sdk";
const KEY_NOT_FOUND = { code: 22, words: "key not found" };
const UNKNOWN_REQUEST = { code: 6, words: "unknown request" };
const INVALID_REQUEST = { code: 18, words: "invalid request" };

/**
 * The SDK answers its gRPC methods with a gRPC status, which its ABCI side turns into an error of codespace `sdk`, the
 * status in its text: CosmJS takes an account for absent when it reads `rpc error: code = NotFound`. The errors of modules
 * have no status of their own: there they are unknown requests, with what happened in the text. Services that the SDK does
 * not have keep them as they are.
 * Source: Cosmos SDK 0.53 baseapp `gRPCErrorToSDKError`.
 */
const STATUSES: ReadonlyMap<number, { readonly status: string; readonly code: number; readonly words: string }> =
  new Map([
    [22, { status: "NotFound", ...KEY_NOT_FOUND }],
    [38, { status: "NotFound", ...KEY_NOT_FOUND }],
    [7, { status: "InvalidArgument", ...INVALID_REQUEST }],
    [10, { status: "InvalidArgument", ...INVALID_REQUEST }],
    [18, { status: "InvalidArgument", ...INVALID_REQUEST }],
  ]);

const SDK_SERVICES = "/cosmos.";

/** For methods of services, such as `/cosmos.bank.v1beta1.Query/Balance`. Anything but a `ChainError` passes on. */
export function methodFailure(error: unknown, path: string): QueryFailure {
  const failure = plainFailure(error);
  if (failure.codespace !== SDK) {
    if (!path.startsWith(SDK_SERVICES)) return failure;
    return { codespace: SDK, code: UNKNOWN_REQUEST.code, log: `${failure.log}: ${UNKNOWN_REQUEST.words}` };
  }
  const mapped = STATUSES.get(failure.code);
  if (!mapped || failure.log.startsWith("rpc error: ")) return failure;
  const { status, code, words } = mapped;
  const text = failure.log.endsWith(words) ? failure.log : `${failure.log}: ${words}`;
  return { codespace: SDK, code, log: `rpc error: code = ${status} desc = ${text}` };
}

/** For the other paths: `/store/…`, `/app/…`. Anything but a `ChainError` passes on. */
export function plainFailure(error: unknown): QueryFailure {
  if (!(error instanceof ChainError)) throw error;
  return { codespace: error.codespace, code: error.code, log: error.message };
}
