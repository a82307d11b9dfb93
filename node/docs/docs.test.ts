import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SNAPSHOT_FORMAT } from "../store/snapshot.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = globSync("**/*", {
  cwd: root,
  exclude: (path) => /(?:^|\/)(?:node_modules|dist|\.git)(?:\/|$)/.test(path),
});
const pages = files.filter((path) => path.endsWith(".md"));

describe("the documentation", () => {
  it("is found", () => {
    expect(pages.length).toBeGreaterThan(20);
  });

  it("links to what is there", () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
        .map(([, target = ""]) => normalize(join(dirname(page), target)))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("names source files that are there", () => {
    const isThere = (name: string) => files.some((path) => path === name || path.endsWith(`/${name}`));
    const wrong = pages.flatMap((page) =>
      [...read(page).matchAll(/`([\w./-]+\.(?:ts|proto|grit))`/g)]
        .map(([, name = ""]) => name.replace(/^(?:\.\.?\/)+/, ""))
        .filter((name) => !name.startsWith(".") && !isThere(name))
        .map((name) => `${page}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("says of a question where its answer is: the function stands in the file", () => {
    const rows = [
      ...read("node/docs/architecture.md").matchAll(/`(?:[A-Z]\w+\.)?(\w+)` in `((?:modules|node)\/[\w./-]+\.ts)`/g),
    ];
    expect(rows.length).toBeGreaterThanOrEqual(5);
    for (const [, name = "", file = ""] of rows)
      expect(read(file), `${name} in ${file}`).toMatch(new RegExp(`\\b${name}\\b\\s*[(<=:]`));
  });

  it("names the format of snapshots that nodes make", () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/snapshots (?:dump|restore|delete) \d+ (\d+)/g)].map(([, format]) => Number(format)),
    );
    expect([...new Set(named)]).toEqual([SNAPSHOT_FORMAT]);
  });

  it("names scripts that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name));
    expect([...new Set(named)].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
