import { defineErrors } from "./errors.ts";

/** What happened, then the SDK's own words, which wallets and relayers search for. */
const because = (root: string) => (why: string) => `${why}: ${root}`;

/**
 * Errors of the codespace `sdk`, with the SDK's codes. Each takes one clause that says the value seen and the value wanted.
 * Source: Cosmos SDK 0.53 types/errors.
 */
export const sdkError = defineErrors("sdk", {
  txDecode: [2, because("tx parse error")],
  invalidSequence: [3, because("invalid sequence")],
  unauthorized: [4, because("unauthorized")],
  insufficientFunds: [5, because("insufficient funds")],
  unknownRequest: [6, because("unknown request")],
  invalidAddress: [7, because("invalid address")],
  invalidPubKey: [8, because("invalid pubkey")],
  unknownAddress: [9, because("unknown address")],
  invalidCoins: [10, because("invalid coins")],
  outOfGas: [
    11,
    (why: string, limit: number, used: number) =>
      `out of gas in location: ${why}; gasWanted: ${limit}, gasUsed: ${used}: out of gas`,
  ],
  memoTooLarge: [12, because("memo too large")],
  insufficientFee: [13, because("insufficient fee")],
  maxSignatures: [14, because("maximum number of signatures exceeded")],
  noSignatures: [15, because("no signatures supplied")],
  jsonMarshal: [16, because("failed to marshal JSON bytes")],
  jsonUnmarshal: [17, because("failed to unmarshal JSON bytes")],
  invalidRequest: [18, because("invalid request")],
  txInMempoolCache: [19, because("tx already in mempool")],
  mempoolIsFull: [20, because("mempool is full")],
  txTooLarge: [21, because("tx too large")],
  keyNotFound: [22, because("key not found")],
  wrongPassword: [23, because("invalid account password")],
  invalidSigner: [24, because("tx intended signer does not match the given signer")],
  invalidGasAdjustment: [25, because("invalid gas adjustment")],
  invalidHeight: [26, because("invalid height")],
  invalidVersion: [27, because("invalid version")],
  invalidChainID: [28, because("invalid chain-id")],
  invalidType: [29, because("invalid type")],
  txTimeoutHeight: [30, because("tx timeout height")],
  unknownExtensionOptions: [31, because("unknown extension options")],
  /** Clients read the two numbers out of this text to try again. */
  wrongSequence: [
    32,
    (expected: bigint, got: bigint) =>
      `account sequence mismatch, expected ${expected}, got ${got}: incorrect account sequence`,
  ],
  packAny: [33, because("failed packing protobuf message to Any")],
  unpackAny: [34, because("failed unpacking protobuf message from Any")],
  logic: [35, because("internal logic error")],
  conflict: [36, because("conflict")],
  notSupported: [37, because("feature not supported")],
  notFound: [38, because("not found")],
  io: [39, because("Internal IO error")],
  appConfig: [40, because("error in app.toml")],
  invalidGasLimit: [41, because("invalid gas limit")],
  txTimeout: [42, because("tx timeout")],
});
