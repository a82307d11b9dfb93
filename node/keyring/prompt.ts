/** Questions to the person at the terminal, or to the script that writes to our stdin, line by line. */
import type { ReadStream } from "node:tty";

export interface Prompt {
  /** Shown as it is typed. */
  line(question: string): Promise<string>;
  /** Not shown. */
  secret(question: string): Promise<string>;
  /** `y` or `yes`. */
  confirm(question: string): Promise<boolean>;
}

/** Answers are read from `input`; questions go to stderr, so that stdout stays what a program can read. */
export function createPrompt(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Prompt {
  const source = lineSource(input);
  async function ask(question: string, hidden: boolean): Promise<string> {
    if (input.isTTY) output.write(question);
    const answer = await source.next(hidden && input.isTTY);
    if (hidden && input.isTTY) output.write("\n");
    if (answer === undefined) throw new Error(`no answer to "${question.trim()}": stdin has ended`);
    return answer;
  }
  return {
    line: (question) => ask(question, false),
    secret: (question) => ask(question, true),
    confirm: async (question) => /^(y|yes)$/i.test((await ask(`${question} [y/N]: `, false)).trim()),
  };
}

/** Longest line that is taken. */
const LINE_CHARACTERS_MAX = 1024 * 1024;

function lineSource(input: NodeJS.ReadStream) {
  let buffer = "";
  let ended = false;
  let wake: (() => void) | undefined;
  const onData = (text: string) => {
    buffer += text;
    if (buffer.length > LINE_CHARACTERS_MAX) ended = true;
    wake?.();
  };
  const onEnd = () => {
    ended = true;
    wake?.();
  };

  async function takeLine(hidden: boolean): Promise<string | undefined> {
    for (;;) {
      const newline = hidden ? buffer.search(/[\r\n]/) : buffer.indexOf("\n");
      if (newline >= 0) {
        const line = buffer.slice(0, newline);
        buffer = buffer.slice(newline + 1);
        return hidden ? typed(line) : line.replace(/\r$/, "");
      }
      if (hidden && buffer.includes("\u0003")) throw new Error("interrupted");
      if (ended) {
        const rest = buffer;
        buffer = "";
        return rest === "" ? undefined : rest;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    /** The next line; undefined at the end. The stream is held only while it is read, so that the process can end. */
    async next(hidden: boolean): Promise<string | undefined> {
      input.setEncoding("utf8").on("data", onData).once("end", onEnd).once("error", onEnd);
      if (input.readableEnded || input.destroyed) ended = true;
      if (hidden) (input as ReadStream).setRawMode(true);
      input.resume();
      try {
        return await takeLine(hidden);
      } finally {
        if (hidden) (input as ReadStream).setRawMode(false);
        input.pause();
        input.off("data", onData).off("end", onEnd).off("error", onEnd);
      }
    },
  };
}

/** In raw mode the keys that correct come as characters. */
function typed(line: string): string {
  const characters: string[] = [];
  for (const char of line) {
    if (char === "\u007f" || char === "\b") characters.pop();
    else if (char === "\u0015") characters.length = 0;
    else characters.push(char);
  }
  return characters.join("");
}
