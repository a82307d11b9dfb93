/** Which commit a build is made of. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readFileIfThere } from "./files.ts";

/** The commit that the published package was packed from, else that of the checkout; empty where there is neither. */
export function buildCommit(): string {
  const folder = join(import.meta.dirname, "..");
  const { gitHead } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly gitHead?: string };
  return gitHead ?? checkedOut(join(folder, "..", ".git"));
}

/** What HEAD of a repository names, by the files that git keeps; `path` may be the file of a linked work tree. */
export function checkedOut(path: string): string {
  const git = gitFolder(path);
  const head = readAt(join(git, "HEAD"));
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (ref === undefined) return head;
  const common = resolve(git, readAt(join(git, "commondir")) || ".");
  const packed = readAt(join(common, "packed-refs")).split("\n");
  return readAt(join(common, ref)) || (packed.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0] ?? "");
}

function gitFolder(path: string): string {
  const link = /^gitdir: (.+)$/.exec(readAt(path))?.[1];
  return link === undefined ? path : resolve(path, "..", link);
}

/** Without the line's end; empty for what is no file, such as a folder. */
function readAt(path: string): string {
  try {
    return readFileIfThere(path)?.trim() ?? "";
  } catch {
    return "";
  }
}
