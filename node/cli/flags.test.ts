import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { boolFlags, type Flags, flagsOf, listFlags, normalizeArguments, valueFlags } from "./flags.ts";

/** Parses `args` with a small program and returns the flags that its sub-command saw, and its arguments. */
function parse(args: readonly string[], env: Record<string, string> = {}): { flags: Flags; words: readonly string[] } {
  const program = new Command("p").exitOverride().configureOutput({ writeErr: () => {} });
  valueFlags(program, { "--home <folder>": "" });
  let seen: { flags: Flags; words: readonly string[] } | undefined;
  const sub = program.command("send [a] [b]").action((a: string, b: string, _: object, command: Command) => {
    seen = { flags: flagsOf(command, env), words: [a, b] };
  });
  boolFlags(sub, { "-y, --yes": "", "--no-backup": "", "--with-comet": "" });
  valueFlags(sub, { "-a, --amount <n>": "", "--chain-id <id>": "", "--log_level <l>": "", "--p2p.laddr <l>": "" });
  listFlags(sub, { "--multisig <names>": "" });
  program.parse(normalizeArguments(program, args), { from: "user" });
  return seen!;
}

describe("flags", () => {
  it("may stand anywhere, and a boolean one never eats the word after it", () => {
    const { flags, words } = parse(["--home", "send", "send", "-y", "x", "--amount=5", "y", "--no-backup"]);
    expect(words).toEqual(["x", "y"]);
    expect(flags.text("home")).toBe("send");
    expect(flags.is("yes")).toBe(true);
    expect(flags.is("no-backup")).toBe(true);
    expect(flags.count("amount")).toBe(5n);
  });

  it("can be switched off, as Cobra's", () => {
    expect(parse(["send", "--with-comet=false"]).flags.text("with-comet")).toBe("false");
    expect(parse(["send", "--yes=false"]).flags.is("yes")).toBe(false);
    expect(() => parse(["send", "--yes=maybe"])).toThrow("want true or false");
  });

  it("have dots and underscores in their names", () => {
    const { flags } = parse(["send", "--log_level", "debug", "--p2p.laddr=tcp://x"]);
    expect([flags.text("log_level"), flags.text("p2p.laddr")]).toEqual(["debug", "tcp://x"]);
  });

  it("come from the environment when they are not on the line", () => {
    const env = { INTERFIRMD_CHAIN_ID: "env-1", INTERFIRMD_YES: "true" };
    const { flags } = parse(["send"], env);
    expect(flags.text("chain-id")).toBe("env-1");
    expect(flags.is("yes")).toBe(true);
    expect(flags.given("chain-id")).toBe(false);
    expect(parse(["send", "--chain-id", "line-1"], env).flags.text("chain-id")).toBe("line-1");
  });

  it("may be lists, by commas or by repetition", () => {
    expect(parse(["send", "--multisig", "a,b", "--multisig", "c"]).flags.list("multisig")).toEqual(["a", "b", "c"]);
  });

  it("leaves what follows -- alone, and refuses numbers that are none", () => {
    expect(parse(["send", "--", "-y"]).words[0]).toBe("-y");
    expect(() => parse(["send", "-a", "1e3"]).flags.count("amount")).toThrow('--amount is "1e3", want a whole number');
  });
});
