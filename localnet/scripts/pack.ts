/**
 * Turns what `tsc -b` wrote to `dist/<package>` into folders that `npm publish` takes: the same packages with `exports` that point at
 * JavaScript and declarations. In the repository the packages export TypeScript (ADR 0002).
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkedOut } from "@interfirm/node/config/commit";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

type Exports = Readonly<Record<string, string>>;
interface Manifest {
  readonly name: string;
  readonly exports: Exports;
  readonly devDependencies?: unknown;
}

const compiled = (path: string): { readonly types: string; readonly default: string } => ({
  types: path.replace(/\.ts$/, ".d.ts"),
  default: path.replace(/\.ts$/, ".js"),
});

/** Named in each package, so that `interfirmd version --long` tells it. */
const gitHead = checkedOut(join(root, ".git"));

/** Files that belong to a package besides its code. */
const EXTRA = ["README.md", "bin"];

for (const folder of ["proto", "modules", "client", "node"]) {
  const target = join(root, "dist", folder);
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const { devDependencies: _, ...published } = manifest;
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([name, path]) => [name, compiled(path)]));
  writeFileSync(join(target, "package.json"), `${JSON.stringify({ ...published, gitHead, exports }, null, 2)}\n`);
  for (const extra of EXTRA) {
    const source = join(root, folder, extra);
    if (existsSync(source)) cpSync(source, join(target, extra), { recursive: true });
  }
  cpSync(join(root, "LICENSE"), join(target, "LICENSE"));
  for (const file of readdirSync(target, { recursive: true, encoding: "utf8" })) {
    if (/\.test\.(?:js|d\.ts)$/.test(file)) rmSync(join(target, file));
  }
  console.log(`dist/${folder}: ${manifest.name}`);
}
