import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { layoutOf } from "../collections.ts";
import { errorCodes } from "../errors.ts";
import type { AnyModule } from "../module.ts";

const README_SECTIONS = [
  "Concepts",
  "State",
  "Messages",
  "Begin and end of a block",
  "Events",
  "Queries",
  "Parameters",
  "Errors",
  "Invariants",
] as const;

export interface Documented {
  readonly module: AnyModule;
  readonly readme: URL;
  /** What `defineState` returned. Undefined: the module has no store. */
  readonly state?: object;
  /** What `defineErrors` returned. Undefined: the module only gives errors of `sdk`. */
  readonly errors?: object;
  /** Types of the events it emits. */
  readonly events: readonly string[];
}

/** Text of a section, by its heading of level 2. */
function sections(markdown: string): ReadonlyMap<string, string> {
  const parts = markdown.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")).trim(), part.slice(part.indexOf("\n") + 1)]));
}

/** Rows of the first table of a section, without head and rule; `code` marks are taken off. */
function table(section: string | undefined): readonly (readonly string[])[] {
  const lines = (section ?? "").split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith("|"));
  if (start < 0) return [];
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("`", "").replaceAll("\\|", "|")),
  );
}

const methodsOf = (services: AnyModule["msgs"] | AnyModule["queries"]): readonly string[] =>
  (services ?? []).flatMap(({ type }) => Object.values(type.methods).map(({ name }) => `${type.typeName}/${name}`));

/**
 * Holds the tables of a module's README against its code. First columns: State `name, prefix, key, value`; Messages and
 * Queries `method`; Events `type`; Errors `code, name`; Invariants `name`.
 */
export function readmeLaws({ module, readme, state, errors, events }: Documented): void {
  describe(`README of ${module.name}`, () => {
    const parts = sections(readFileSync(readme, "utf8"));
    const column = (section: string, index = 0) => table(parts.get(section)).map((row) => row[index] ?? "");
    const sorted = (list: readonly string[]) => [...list].sort();

    it("has every section in order", () => {
      expect([...parts.keys()]).toEqual(README_SECTIONS);
    });
    it("shows the layout of the store", () => {
      const rows = table(parts.get("State")).map((row) => row.slice(0, 4));
      const layout = state ? layoutOf(state) : [];
      expect(rows).toEqual(layout.map(({ name, prefix, key, value }) => [name, prefix, key, value]));
    });
    it("lists the messages, queries and events", () => {
      expect(sorted(column("Messages"))).toEqual(sorted(methodsOf(module.msgs)));
      expect(sorted(column("Queries"))).toEqual(sorted(methodsOf(module.queries)));
      expect(sorted(column("Events"))).toEqual(sorted(events));
    });
    it("lists the error codes", () => {
      const rows = table(parts.get("Errors")).map((row) => row.slice(0, 2));
      const codes = errors ? errorCodes(errors).rows : [];
      expect(rows).toEqual(codes.map(({ code, name }) => [code.toString(), name]));
    });
    it("lists the invariants", () => {
      expect(sorted(column("Invariants"))).toEqual(sorted(Object.keys(module.invariants ?? {})));
    });
  });
}
