import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkedOut } from "./commit.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
let folder: string;
let git: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-commit-"));
  git = join(folder, ".git");
  mkdirSync(join(git, "refs", "heads"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(git, name), text);

describe("the commit of a checkout", () => {
  it("is that of its branch", () => {
    write("HEAD", "ref: refs/heads/main\n");
    write("refs/heads/main", `${COMMIT}\n`);
    expect(checkedOut(git)).toBe(COMMIT);
  });

  it("is found where git has packed its branches", () => {
    write("HEAD", "ref: refs/heads/main\n");
    write(
      "packed-refs",
      `# pack-refs with: peeled\n${"f".repeat(40)} refs/heads/maintenance\n${COMMIT} refs/heads/main\n`,
    );
    expect(checkedOut(git)).toBe(COMMIT);
  });

  it("is HEAD itself when no branch is checked out, in a linked work tree, too", () => {
    mkdirSync(join(git, "worktrees", "other"), { recursive: true });
    write("worktrees/other/HEAD", `${COMMIT}\n`);
    const tree = join(folder, "other");
    mkdirSync(tree);
    writeFileSync(join(tree, ".git"), `gitdir: ${join(git, "worktrees", "other")}\n`);
    expect(checkedOut(join(tree, ".git"))).toBe(COMMIT);
  });

  it("is not known where there is no repository", () => {
    expect(checkedOut(join(folder, "none"))).toBe("");
  });
});
