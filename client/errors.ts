/** What the chain or the client refused, by codespace and code, with a name to switch on and a hint for people. */

type Entry = readonly [name: string, hint: string];
type Catalogue = Readonly<Record<string, Readonly<Record<number, Entry>>>>;

/**
 * Names of the codes that this chain gives. `sdk` are the Cosmos SDK's (types/errors, v0.53); each module's codespace is
 * the module's name. The rows of our own modules are held against the modules' error tables by a test of the node.
 */
export const errorCatalogue = {
  internal: { 1: ["internal", "the node hit a bug; the operator's log has the details"] },
  undefined: { 1: ["internal", "the node hit a bug; the operator's log has the details"] },
  sdk: {
    2: ["txDecode", "the bytes are not a transaction of this chain"],
    3: ["invalidSequence", "another transaction of the account was first: sign again"],
    4: ["unauthorized", "check signer, chain id, account number and sequence"],
    5: ["insufficientFunds", "the account holds less than amount and fee together"],
    6: ["unknownRequest", "the chain does not serve this message or query"],
    7: ["invalidAddress", "check the address and its prefix"],
    8: ["invalidPubKey", "the key in the transaction is not the account's"],
    9: ["unknownAddress", "the account does not exist yet: send it some coins first"],
    10: ["invalidCoins", "amounts must be positive, denoms sorted and without repetition"],
    11: ["outOfGas", "give more gas, or leave gas to the client"],
    12: ["memoTooLarge", "shorten the memo"],
    13: ["insufficientFee", "raise the fee or the gas price"],
    14: ["maxSignatures", "too many signatures for one transaction"],
    15: ["noSignatures", "sign the transaction first"],
    16: ["jsonMarshal", "the value has no JSON form"],
    17: ["jsonUnmarshal", "check the JSON"],
    18: ["invalidRequest", "check the request's fields"],
    19: ["txInMempoolCache", "this very transaction is known already"],
    20: ["mempoolIsFull", "the node is busy: try again later"],
    21: ["txTooLarge", "split the transaction"],
    22: ["keyNotFound", "there is nothing under this name, address or id"],
    23: ["wrongPassword", "check the password"],
    24: ["invalidSigner", "the signer is not the one that the message names"],
    25: ["invalidGasAdjustment", "gas adjustment must be above 0"],
    26: ["invalidHeight", "this height is pruned or not there yet"],
    27: ["invalidVersion", "client and chain differ in version"],
    28: ["invalidChainID", "check the chain id"],
    29: ["invalidType", "the value is of another type"],
    30: ["txTimeoutHeight", "the transaction came too late: sign again"],
    31: ["unknownExtensionOptions", "the chain does not know this extension option"],
    32: ["wrongSequence", "another transaction of the account was first: sign again"],
    33: ["packAny", "the value cannot be packed into an Any"],
    34: ["unpackAny", "the chain does not know the type inside the Any"],
    35: ["logic", "the chain's rules contradict themselves here: report it"],
    36: ["conflict", "the request conflicts with the state"],
    37: ["notSupported", "the chain does not support this"],
    38: ["notFound", "there is nothing under this name, address or id"],
    39: ["io", "the node failed to read or write"],
    40: ["appConfig", "the node's configuration is wrong"],
    41: ["invalidGasLimit", "check the gas limit against the block's"],
  },
  bank: {
    2: ["noInputs", "a multi-send needs an input"],
    3: ["noOutputs", "a multi-send needs outputs"],
    4: ["inputOutputMismatch", "what goes in must equal what goes out"],
    5: ["sendDisabled", "transfers of this denom are switched off"],
    6: ["denomMetadataNotFound", "nobody has described this denom"],
    7: ["invalidKey", "the state has an unreadable key: report it"],
    8: ["duplicateEntry", "an entry is given twice"],
    9: ["multipleSenders", "a multi-send has one sender"],
  },
  agreements: {
    2: ["notFound", "check the agreement's id"],
    3: ["notParty", "only the party that the agreement names may do this"],
    4: ["badStatus", "the agreement is not in the state that this step needs"],
    5: ["deadlinePassed", "the deadline is over: the price goes back to the payer"],
    6: ["badPrice", "check amount and denom of the price"],
    7: ["badGenesis", "the genesis file breaks a rule of agreements"],
  },
  client: {
    2: ["connection", "no endpoint answered: check the addresses and the network"],
    3: ["chainMismatch", "the endpoint serves another chain"],
    4: ["prefixMismatch", "create the wallet with the chain's address prefix"],
    5: ["timeout", "the transaction may still be included: ask for its hash before sending again"],
    6: ["noSigner", "connect with a signer to send"],
    7: ["superseded", "another transaction took this sequence: this one can never be included, send it again"],
    8: ["badProof", "the node's answer is not what validators signed: do not use it"],
    9: ["badHeader", "the header is not signed by the validators that you trust"],
    10: ["trustExpired", "the trust root is too old: take a fresh height and hash from a source you trust"],
    11: ["noTrustRoot", "connect with a trusted height and hash to verify"],
    12: ["badResponse", "the endpoint answered with something that is not CometBFT's"],
    13: ["unsupportedMessage", "the message has no amino form, which this wallet needs"],
    14: ["gasPrice", "give a gas price that names its denom"],
    15: ["rpc", "the node refused the call"],
  },
} as const satisfies Catalogue;

const lookUp = (codespace: string, code: number): Entry =>
  (Object.hasOwn(errorCatalogue, codespace) ? (errorCatalogue as Catalogue)[codespace]?.[code] : undefined) ?? [
    `${codespace || "unknown"}/${code}`,
    "see the message",
  ];

export interface ErrorDetails {
  readonly codespace: string;
  readonly code: number;
  readonly rawLog: string;
  /** Upper-case hex, when the refusal is about a transaction. */
  readonly txHash?: string | undefined;
  /** Block that includes the failed transaction; undefined when none does. */
  readonly height?: bigint | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of this package. `codespace` and `code` are stable, `name` is their catalogue name
 * (`insufficientFunds`), `rawLog` is what the node wrote.
 */
export class InterfirmError extends Error {
  override readonly name: string;
  readonly codespace: string;
  readonly code: number;
  readonly hint: string;
  readonly rawLog: string;
  readonly txHash: string | undefined;
  readonly height: bigint | undefined;

  constructor({ codespace, code, rawLog, txHash, height, cause }: ErrorDetails) {
    const [name, hint] = lookUp(codespace, code);
    super(rawLog || hint, cause === undefined ? undefined : { cause });
    this.name = name;
    this.codespace = codespace;
    this.code = code;
    this.hint = hint;
    this.rawLog = rawLog;
    this.txHash = txHash;
    this.height = height;
  }
}

/** Tells a refusal by codespace and code: `isError(e, "sdk", "insufficientFunds")`. */
export const isError = <C extends keyof typeof errorCatalogue>(
  error: unknown,
  codespace: C,
  name?: ErrorName<C>,
): error is InterfirmError =>
  error instanceof InterfirmError && error.codespace === codespace && (name === undefined || error.name === name);

/** Names in one codespace. */
export type ErrorName<C extends keyof typeof errorCatalogue> = {
  [K in keyof (typeof errorCatalogue)[C]]: (typeof errorCatalogue)[C][K] extends readonly [
    infer N extends string,
    string,
  ]
    ? N
    : never;
}[keyof (typeof errorCatalogue)[C]];

type ClientErrors = (typeof errorCatalogue)["client"];
type ClientErrorName = ErrorName<"client">;

const clientCodes = new Map<string, number>(
  Object.entries(errorCatalogue.client).map(([code, [name]]) => [name, Number(code)]),
);

/** A refusal of this package itself, before or beside the chain. */
export const clientError = (
  name: ClientErrorName,
  message: string,
  more: Pick<ErrorDetails, "txHash" | "height" | "cause"> = {},
): InterfirmError =>
  new InterfirmError({
    codespace: "client" satisfies keyof typeof errorCatalogue,
    code: clientCodes.get(name) as keyof ClientErrors,
    rawLog: message,
    ...more,
  });

/** The sequence that the chain wants, out of the refusal's text (`account sequence mismatch, expected 7, got 5`), if it is one. */
export function expectedSequence(error: {
  readonly codespace: string;
  readonly code: number;
  readonly rawLog: string;
}) {
  // Queries give gRPC errors, whose codespace and code say less than their text.
  const match = /account sequence mismatch, expected (\d{1,20}), got (\d{1,20})/.exec(error.rawLog.slice(0, 10_000));
  return match ? BigInt(match[1]!) : undefined;
}

/**
 * The refusal that a simulation ran into. The gRPC error around it has a codespace and a code of its own; the node names
 * the inner ones in its text: `agreement 1 is settled, want active [agreements/4] with gas used: '47830'`.
 */
export function simulatedError(error: InterfirmError): InterfirmError {
  const match =
    /^(?:rpc error: code = \w+ desc = )?(.*) \[([a-z][a-z0-9_-]{0,39})\/([1-9]\d{0,5})\] with gas used/s.exec(
      error.rawLog.slice(0, 10_000),
    );
  if (!match) return error;
  const [, rawLog = "", codespace = "", code] = match;
  return new InterfirmError({ codespace, code: Number(code), rawLog, cause: error });
}
