/** Answers for people: YAML, as the SDK prints them, with the units of numbers as comments. */

const UNITS: Readonly<Record<string, string>> = {
  gas_wanted: "gas",
  gas_used: "gas",
  gas_limit: "gas",
  max_gas: "gas",
  height: "block",
  timeout_height: "block",
  deadline_height: "block",
  latest_block_height: "block",
  earliest_block_height: "block",
  earliest_store_height: "block",
  halt_height: "block",
  max_age_num_blocks: "blocks",
  max_bytes: "bytes",
  max_memo_characters: "bytes",
  tx_size_cost_per_byte: "gas",
  sig_verify_cost_ed25519: "gas",
  sig_verify_cost_secp256k1: "gas",
  voting_power: "votes",
  power: "votes",
};

export function toYaml(value: unknown): string {
  return render(value, "").join("\n");
}

function render(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}[]`];
    return value.flatMap((item) => {
      const lines = render(item, `${indent}  `);
      const first = (lines[0] ?? "").slice(indent.length + 2);
      return [`${indent}- ${first}`, ...lines.slice(1)];
    });
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return [`${indent}{}`];
    return entries.flatMap(([key, inner]) => {
      if (isScalar(inner)) return [`${indent}${word(key)}: ${scalar(inner)}${unitOf(key, inner)}`];
      if (isEmpty(inner)) return [`${indent}${word(key)}: ${Array.isArray(inner) ? "[]" : "{}"}`];
      return [`${indent}${word(key)}:`, ...render(inner, Array.isArray(inner) ? indent : `${indent}  `)];
    });
  }
  return [`${indent}${scalar(value)}`];
}

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;
const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

const unitOf = (key: string, value: unknown): string =>
  UNITS[key] !== undefined && /^-?\d+$/.test(String(value)) ? `  # ${UNITS[key]}` : "";

function scalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return isPlain(value) ? value : JSON.stringify(value);
}

const word = (key: string): string => (/^[A-Za-z_][A-Za-z0-9_./-]*$/.test(key) ? key : JSON.stringify(key));

/** Text that YAML reads as the same text without quotes. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z/][A-Za-z0-9_./ +-]*$/.test(text) &&
  !text.endsWith(" ") &&
  !/^(true|false|yes|no|null|on|off|y|n)$/i.test(text);
