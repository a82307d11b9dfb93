/** How much is logged, by module: `info`, or `consensus:info,p2p:error,*:warn`. */

export const LEVELS = ["debug", "info", "warn", "error", "none"] as const;
export type Level = (typeof LEVELS)[number];

/** The SDK's words for levels that we do not have. */
const SYNONYMS: Readonly<Record<string, Level>> = {
  trace: "debug",
  warning: "warn",
  fatal: "error",
  panic: "error",
  disabled: "none",
};

export interface LevelFilter {
  /** Of modules that are not named. */
  readonly fallback: Level;
  readonly byModule: ReadonlyMap<string, Level>;
}

/** Throws an Error that names the word seen and the words wanted. */
export function parseLevels(text: string): LevelFilter {
  const byModule = new Map<string, Level>();
  let fallback: Level | undefined;
  for (const part of text.split(",")) {
    const [module, level] = part.includes(":") ? (part.split(":", 2) as [string, string]) : ["*", part];
    const known = levelOf(level.trim());
    if (module.trim() === "*") fallback = known;
    else byModule.set(module.trim(), known);
  }
  return { fallback: fallback ?? "info", byModule };
}

function levelOf(word: string): Level {
  const known = LEVELS.find((level) => level === word) ?? SYNONYMS[word];
  if (!known)
    throw new Error(
      `log level is ${JSON.stringify(word)}, want ${LEVELS.join(", ")}, or a list such as consensus:info,*:error`,
    );
  return known;
}

/** 0 is `debug`. */
export const rankOf = (level: Level): number => LEVELS.indexOf(level);

/** The list in CometBFT's form, which has no `warn`: there it is `info`, so that nothing is lost. */
export function toCometLevels({ fallback, byModule }: LevelFilter): string {
  const word = (level: Level) => (level === "warn" ? "info" : level);
  return [...byModule]
    .map(([module, level]) => `${module}:${word(level)}`)
    .concat(`*:${word(fallback)}`)
    .join(",");
}
