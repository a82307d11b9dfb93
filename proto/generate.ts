/**
 * Writes `gen/` from the `.proto` files beside this one. `--check` writes nothing and ends with exit code 1 when a file
 * in `gen/` is not what would be written.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { emitIndex, emitPackage } from "./generator/emit.ts";
import { loadSchema, packagesOf } from "./generator/schema.ts";

const home = import.meta.dirname;
const committed = join(home, "gen");
const biome = join(home, "../node_modules/@biomejs/biome/bin/biome");

/** Text of every generated file by its path below `gen/`, formatted as the rest of the repository. */
export function generate(folder: string): Map<string, string> {
  const packages = packagesOf(loadSchema(folder));
  const byName = new Map(packages.map((one) => [one.name, one]));
  const files = new Map(packages.map((one) => [`${one.path}.ts`, emitPackage(one, byName)]));
  files.set("index.ts", emitIndex(packages));
  return format(files);
}

function format(files: ReadonlyMap<string, string>): Map<string, string> {
  const scratch = mkdtempSync(join(tmpdir(), "interfirm-gen-"));
  try {
    writeFileSync(join(scratch, "biome.json"), JSON.stringify(formatting()));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(scratch, path)), { recursive: true });
      writeFileSync(join(scratch, path), text);
    }
    execFileSync(process.execPath, [biome, "check", "--write", "--linter-enabled=false", "."], {
      cwd: scratch,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return new Map([...files.keys()].map((path) => [path, readFileSync(join(scratch, path), "utf8")]));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The repository's own formatting with the wider lines of `gen/`, without lint rules and plugins. */
function formatting(): unknown {
  const { formatter, javascript, overrides } = JSON.parse(readFileSync(join(home, "../biome.json"), "utf8"));
  const own = overrides.find(({ includes }: { readonly includes: readonly string[] }) =>
    includes.includes("proto/gen/**"),
  );
  return { root: true, formatter: { ...formatter, ...own.formatter }, javascript };
}

function differences(files: ReadonlyMap<string, string>): string[] {
  const wrong = [...files].filter(([path, text]) => {
    const file = join(committed, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  const stale = readdirSync(committed, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !files.has(path),
  );
  return [...wrong.map(([path]) => path), ...stale];
}

if (import.meta.main) {
  const files = generate(home);
  if (process.argv.includes("--check")) {
    const wrong = existsSync(committed) ? differences(files) : [...files.keys()];
    for (const path of wrong) console.error(`proto/gen/${path} is not what the .proto files give: run npm run gen`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  } else {
    rmSync(committed, { recursive: true, force: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(join(committed, path)), { recursive: true });
      writeFileSync(join(committed, path), text);
    }
    console.log(`wrote ${files.size} files to proto/gen`);
  }
}
