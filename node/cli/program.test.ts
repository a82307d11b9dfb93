import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";

let terminal: Terminal;
beforeEach(() => {
  terminal = createTerminal();
});
afterEach(() => terminal.remove());

describe("the program", () => {
  it.each([[[]], [["tx"]], [["tx", "bank"]], [["keys"]]])(
    "shows the commands of %j, which is no error",
    async (args) => {
      const { code, out, err } = await terminal.run(...args);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("Commands:");
    },
  );

  it.each([
    [["nope"], "Error: unknown command 'nope': see interfirmd --help"],
    [
      ["q", "bank", "balanc"],
      "Error: unknown command 'balanc' (did you mean balance?): see interfirmd query bank --help",
    ],
    [["keys", "show"], "Error: missing required argument 'names': see interfirmd keys show --help"],
    [
      ["tx", "bank", "send", "--nots"],
      "Error: unknown option '--nots' (did you mean --note?): see interfirmd tx bank send --help",
    ],
    [["tx", "broadcast", "nope.json"], "Error: there is no file nope.json"],
    [["debug", "pubkey", "x"], 'Error: public key is "x", want JSON such as'],
    [
      ["keys", "list", "--keyring-backend", "pass"],
      '--keyring-backend is "pass", want "file" (encrypted with a passphrase), "test"',
    ],
    [
      ["query", "bank", "balances", "carol"],
      '"carol" is neither an address nor a key of the keyring: see interfirmd keys list',
    ],
  ])("says of %j what is wrong and what to do", async (args, said) => {
    const { code, out, err } = await terminal.run(...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(said);
  });

  it.each([["export"], ["prune"], ["rollback"], ["module-hash-by-height"], ["snapshots export"]])(
    "says of %s on a node without blocks what comes first",
    async (command) => {
      await terminal.out("init", "n");
      expect((await terminal.run(...command.split(" "))).err).toContain(
        "application.db is not there: run interfirmd start for a block or more first",
      );
    },
  );
});

describe("completion", () => {
  const offered = async (...words: readonly string[]) =>
    (await terminal.out("__complete", ...words))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t", 1)[0]);

  it("offers sub-commands, flags and the words that a flag takes", async () => {
    expect(await offered("que")).toEqual(["query"]);
    expect(await offered("query", "bank", "balan")).toEqual(["balance", "balances"]);
    expect(await offered("tx", "bank", "send", "--fr")).toEqual(["--from"]);
    expect(await offered("keys", "list", "--keyring-backend", "")).toEqual(["file", "test", "memory"]);
    expect(await offered("--home", "query", "keys", "lis")).toEqual(["list", "list-key-types"]);
  });

  it("offers nothing where only the caller can know, or where nothing fits", async () => {
    expect(await offered("tx", "sign", "")).toEqual([]);
    expect(await offered("nope", "x")).toEqual([]);
  });

  it("works in bash, by an alias too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "interfirm-completion-"));
    try {
      writeFileSync(join(folder, "script"), await terminal.out("completion", "bash"));
      const answer = [...(await offered("query", "bank", "balan"))].join("\\n");
      const test = `
        shopt -s expand_aliases
        fake() { printf '%s\\n' "$@" > ${folder}/asked; printf '${answer}\\n'; }
        alias interfirmd=fake
        source ${folder}/script
        COMP_WORDS=(interfirmd query --output = "it's" balan) COMP_CWORD=5
        _interfirmd
        printf '%s ' "\${COMPREPLY[@]}"; cat ${folder}/asked`;
      const { stdout, stderr } = spawnSync("bash", ["-c", test], { encoding: "utf8" });
      expect(stderr).toBe("");
      expect(stdout).toBe("balance balances __complete\nquery\n--output\nit's\nbalan\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
