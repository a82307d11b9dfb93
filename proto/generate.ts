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

/** Paths below `gen/` that are not what would be written, and those that would not be there. */
function differences(files: ReadonlyMap<string, string>): { readonly wrong: string[]; readonly stale: string[] } {
  const wrong = [...files].filter(([path, text]) => {
    const file = join(committed, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  const present = existsSync(committed) ? readdirSync(committed, { recursive: true, encoding: "utf8" }) : [];
  const stale = present.filter((path) => path.endsWith(".ts") && !files.has(path));
  return { wrong: wrong.map(([path]) => path), stale };
}

if (import.meta.main) {
  const files = generate(home);
  const { wrong, stale } = differences(files);
  if (process.argv.includes("--check")) {
    for (const path of [...wrong, ...stale])
      console.error(`proto/gen/${path} is not what the .proto files give: run npm run gen`);
    process.exitCode = wrong.length + stale.length === 0 ? 0 : 1;
  } else {
    // What has not changed is not touched, so that programs that run meanwhile find it.
    for (const path of stale) rmSync(join(committed, path));
    for (const path of wrong) {
      mkdirSync(dirname(join(committed, path)), { recursive: true });
      writeFileSync(join(committed, path), files.get(path) as string);
    }
    console.log(`wrote ${wrong.length} of ${files.size} files to proto/gen`);
  }
}
