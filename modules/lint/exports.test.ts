import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** What serves tests: their helpers, the laws, and localnet, which is nothing but tests and a story. */
const TOOL = /(?:^|\/)(?:laws|testing|localnet|test)\/|(?:^|\/)testing\.ts$/;
const TOOL_CODE = /from "(?:vitest|fast-check|(?:\.\.?\/)*testing\.ts)"/;

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const files = globSync("{proto,modules,node,client,localnet}/**/*.ts", {
  cwd: root,
  exclude: (path) => /(?:^|\/)(?:node_modules|gen)(?:\/|$)|\.d\.ts$/.test(path),
}).map((path) => {
  const code = withoutComments(readFileSync(join(root, path), "utf8"));
  return { path, code, isTest: /\.test\.ts$/.test(path), isTool: TOOL.test(path) || TOOL_CODE.test(code) };
});

/** Close enough to tell whether a name is used: `//` in a text goes, too. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
}

const NAME = /[A-Za-z_$][\w$]*/g;
const EXPORT = /^export (?:async )?(const|function\*?|class) ([A-Za-z_$][\w$]*)/gm;
const words = new Map(files.map(({ path, code }) => [path, new Set(code.match(NAME))]));
const timesIn = (code: string, name: string) => (code.match(NAME) ?? []).filter((word) => word === name).length;

it("exports no value that nobody imports, or that only tests use", () => {
  expect(files.length).toBeGreaterThan(300);
  const idle: string[] = [];
  for (const { path, isTest, isTool, code } of files) {
    if (isTest) continue;
    for (const [, kind, name = ""] of code.matchAll(EXPORT)) {
      const users = files.filter((file) => file.path !== path && words.get(file.path)?.has(name));
      const isOfUseHere = isTool || timesIn(code, name) > 1;
      // Types of what others import may need the name of a class that they never write.
      const isUsed = users.some((user) => !user.isTest) || (isOfUseHere && (users.length > 0 || kind === "class"));
      if (!isUsed) idle.push(`${path}: ${name}`);
    }
  }
  expect(idle).toEqual([]);
});
