/**
 * A refusal that the chain gives on purpose. Codespace and code enter `last_results_hash` or clients' handling,
 * so a code is never changed or used again; messages are free to improve.
 */
export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly codespace: string;
  readonly code: number;

  constructor(codespace: string, code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.codespace = codespace;
    this.code = code;
  }
}

type ErrorTable = Record<string, readonly [code: number, message: (...args: never[]) => string]>;

/** Factories of the errors of one codespace. Codes start at 2: 0 is success, 1 is an internal error. */
export function defineErrors<T extends ErrorTable>(
  codespace: string,
  table: T,
): { readonly [K in keyof T]: (...args: Parameters<T[K][1]>) => ChainError } {
  const seen = new Set<number>();
  const factories: Record<string, unknown> = {};
  const rows: ErrorRow[] = [];
  // biome-ignore lint/plugin: a table in code; the order of its properties is that of the source
  for (const [name, [code, message]] of Object.entries(table)) {
    if (code < 2 || seen.has(code)) throw new Error(`${codespace}: error code ${code} (${name}) is reserved or taken`);
    seen.add(code);
    rows.push({ name, code });
    factories[name] = (...args: never[]) => new ChainError(codespace, code, message(...args));
  }
  declared.set(factories, { codespace, rows });
  return factories as never;
}

export interface ErrorRow {
  readonly name: string;
  readonly code: number;
}

export interface ErrorCodes {
  readonly codespace: string;
  readonly rows: readonly ErrorRow[];
}

const declared = new WeakMap<object, ErrorCodes>();

/** Codespace and codes of what `defineErrors` returned: for the tables of the module's README. */
export function errorCodes(factories: object): ErrorCodes {
  const codes = declared.get(factories);
  if (!codes) throw new Error("no such errors: want what defineErrors returned");
  return codes;
}
