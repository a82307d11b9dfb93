/** What the chain or the client refused, by codespace and code, with a name to switch on and a hint for people. */
import { type Catalogue, type CatalogueEntry, errorCatalogue } from "./error-catalogue.ts";

export { errorCatalogue };

const lookUp = (codespace: string, code: number): CatalogueEntry =>
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
