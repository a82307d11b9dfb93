/** A configuration file described once: every key with its default, its kind and its comment. */

export type TomlValue = string | number | boolean | readonly string[] | readonly (readonly string[])[];

export interface Entry<V extends TomlValue = TomlValue> {
  readonly kind: "text" | "count" | "flag" | "texts" | "pairs";
  readonly default: V;
  /** Written above the key, one line each. */
  readonly comment: string;
  /** Says what is wrong with a value of the right kind, or nothing. */
  check?(value: V): string | undefined;
}

type Check<V> = (value: V) => string | undefined;

export const text = (value: string, comment: string, check?: Check<string>): Entry<string> => ({
  kind: "text",
  default: value,
  comment,
  ...(check && { check }),
});
export const flag = (value: boolean, comment: string): Entry<boolean> => ({ kind: "flag", default: value, comment });
export const texts = (value: readonly string[], comment: string): Entry<readonly string[]> => ({
  kind: "texts",
  default: value,
  comment,
});
/** A list of lists of text, such as `global-labels`. */
export const pairs = (comment: string): Entry<readonly (readonly string[])[]> => ({
  kind: "pairs",
  default: [],
  comment,
});

/** A whole number of at least `least` (0 unless told). */
export const count = (value: number, comment: string, least = 0): Entry<number> => ({
  kind: "count",
  default: value,
  comment,
  check: (seen) => (seen < least ? `is ${seen}, want at least ${least}` : undefined),
});

const DURATION = /^(0|([0-9]{1,12}(\.[0-9]{1,9})?(ns|us|µs|ms|s|m|h))+)$/;

/** A length of time as Go writes it: `1m30s`, `500ms`. */
export const duration = (value: string, comment: string): Entry<string> =>
  text(value, comment, (seen) =>
    seen.length > 64 || !DURATION.test(seen) ? `is "${seen}", want a length of time such as 500ms or 1m30s` : undefined,
  );

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** A `duration` as milliseconds: `1m30s` is 90,000. */
export const durationMs = (text: string): number =>
  [...text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit as string] as number),
    0,
  );

/** One of a few words. */
export const choice = (value: string, words: readonly string[], comment: string): Entry<string> =>
  text(value, comment, (seen) =>
    words.includes(seen) ? undefined : `is "${seen}", want one of ${words.map((word) => word || '""').join(", ")}`,
  );

export type Entries = Readonly<Record<string, Entry>>;

/** Full keys (`api.enable`) to their values. */
export type Values<E extends Entries> = {
  readonly [K in keyof E]: E[K]["default"];
};

export interface Schema<E extends Entries = Entries> {
  /** `app.toml` */
  readonly file: string;
  /** Comment at the top of the file. */
  readonly header: string;
  /** Comments of sections, by name. */
  readonly sections: Readonly<Record<string, string>>;
  /** In the order of the file: keys without a section first, the keys of a section together. */
  readonly entries: E;
}

/** Throws a plain Error when the keys of a section do not stand together: that is a bug of the schema. */
export function defineSchema<E extends Entries>(schema: Schema<E>): Schema<E> {
  const closed = new Set<string>();
  let current = "";
  for (const key of Object.keys(schema.entries)) {
    const [section] = splitKey(key);
    if (section === current) continue;
    if (closed.has(section) || section === "") throw new Error(`${schema.file}: key ${key} stands outside its section`);
    closed.add(current);
    current = section;
  }
  return schema;
}

/** `streaming.abci.keys` → `streaming.abci` and `keys`. */
export function splitKey(key: string): readonly [section: string, name: string] {
  const at = key.lastIndexOf(".");
  return at < 0 ? ["", key] : [key.slice(0, at), key.slice(at + 1)];
}

/** The environment variable of a key: `api.enable` → `INTERFIRMD_API_ENABLE`. */
export const environmentName = (key: string): string => `INTERFIRMD_${key.replace(/[.-]/g, "_").toUpperCase()}`;

/** Says what is wrong with a value of this entry, or nothing. */
export function checkValue(entry: Entry, value: unknown): string | undefined {
  const { kind } = entry;
  const isText = (item: unknown): item is string => typeof item === "string";
  const isTexts = (item: unknown): item is string[] => Array.isArray(item) && item.every(isText);
  const sound =
    (kind === "text" && isText(value)) ||
    (kind === "flag" && typeof value === "boolean") ||
    (kind === "count" && Number.isSafeInteger(value)) ||
    (kind === "texts" && isTexts(value)) ||
    (kind === "pairs" && Array.isArray(value) && value.every(isTexts));
  if (!sound) return `is ${JSON.stringify(value)}, want ${WANTED[kind]}`;
  return entry.check?.(value as TomlValue);
}

const WANTED = {
  text: "text",
  count: "a whole number",
  flag: "true or false",
  texts: "a list of texts",
  pairs: "a list of lists of text",
} as const;

/** A value given as text, by the environment, a flag or `config set`. Throws an Error that says what was wanted. */
export function parseValue(key: string, entry: Entry, given: string): TomlValue {
  const value = readText(entry.kind, given);
  const wrong = checkValue(entry, value);
  if (wrong) throw new Error(`${key} ${wrong}`);
  return value as TomlValue;
}

function readText(kind: Entry["kind"], given: string): unknown {
  if (kind === "text") return given;
  if (kind === "flag") {
    if (given === "true" || given === "1") return true;
    return given === "false" || given === "0" ? false : given;
  }
  if (kind === "count") return /^-?[0-9]{1,15}$/.test(given) ? Number(given) : given;
  if (given.startsWith("[")) {
    try {
      return JSON.parse(given) as unknown;
    } catch {
      return given;
    }
  }
  if (kind === "texts") return given === "" ? [] : given.split(",").map((item) => item.trim());
  return given === "" ? [] : given;
}
