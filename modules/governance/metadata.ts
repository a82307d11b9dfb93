import { METADATA_BYTES_MAX } from "./params.ts";

/** Title and summary that metadata states; empty texts where it states none. */
export interface StatedMetadata {
  readonly title: string;
  readonly summary: string;
}

const TEXTS: ReadonlySet<string> = new Set([
  "title",
  "summary",
  "details",
  "proposal_forum_url",
  "vote_option_context",
]);

const isText = (value: unknown): boolean => value === null || typeof value === "string";

/**
 * What metadata in the recommended form says, or undefined when it is in another form, such as a link. Read as Go reads it
 * into `ProposalMetadata`: keys in any case, `null` for nothing, unknown keys passed over, a value of a wrong type spoils all.
 * Source: Cosmos SDK 0.53 x/gov/types/metadata.go.
 */
export function readMetadata(metadata: string): StatedMetadata | undefined {
  // Longer ones are refused anyway; so short, they cannot nest deeply either.
  if (metadata.length > METADATA_BYTES_MAX) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(metadata);
  } catch {
    return undefined;
  }
  const stated = { title: "", summary: "" };
  if (json === null) return stated;
  if (typeof json !== "object" || Array.isArray(json)) return undefined;
  // biome-ignore lint/plugin: names that are numbers, whose order may differ, are passed over
  for (const [name, value] of Object.entries(json)) {
    const key = name.toLowerCase();
    if (key === "authors") {
      if (value !== null && !(Array.isArray(value) && value.every(isText))) return undefined;
    } else if (TEXTS.has(key)) {
      if (!isText(value)) return undefined;
      if (value !== null && (key === "title" || key === "summary")) stated[key] = value as string;
    }
  }
  return stated;
}
