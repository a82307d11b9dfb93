/** A terminal for tests: runs commands in this process and keeps what they say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./program.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  /** Folder of its own, the node's home. */
  readonly home: string;
  /** Answers to the questions of the next commands, in order. */
  answer(...answers: readonly string[]): void;
  run(...args: readonly string[]): Promise<Said>;
  /** What a command that must succeed says on stdout. */
  out(...args: readonly string[]): Promise<string>;
  remove(): void;
}

export function createTerminal(env: Readonly<Record<string, string>> = {}): Terminal {
  const home = mkdtempSync(join(tmpdir(), "interfirm-cli-"));
  const answers: string[] = [];
  const next = async (question: string): Promise<string> => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`no answer to ${question}`);
    return answer;
  };
  async function call(...args: readonly string[]): Promise<Said> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(args, {
      env: { INTERFIRMD_HOME: home, INTERFIRMD_KEYRING_BACKEND: "test", ...env },
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      prompt: { line: next, secret: next, confirm: async (question) => (await next(question)) === "y" },
    });
    return { code, out: out.join("\n"), err: err.join("\n") };
  }
  return {
    home,
    answer: (...more) => void answers.push(...more),
    run: call,
    async out(...args) {
      const { code, out, err } = await call(...args);
      if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}: ${err}`);
      return out;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
