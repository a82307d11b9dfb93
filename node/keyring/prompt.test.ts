import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createPrompt } from "./prompt.ts";

const promptOver = (...chunks: string[]) => {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  return createPrompt(input as unknown as NodeJS.ReadStream, new PassThrough() as unknown as NodeJS.WriteStream);
};

describe("answers from a pipe", () => {
  it("takes one line a question, however they arrive", async () => {
    const prompt = promptOver("first\nsec", "ond\r\nyes\nlast");
    expect(await prompt.line("1 ")).toBe("first");
    expect(await prompt.secret("2 ")).toBe("second");
    expect(await prompt.confirm("3")).toBe(true);
    expect(await prompt.line("4 ")).toBe("last");
    await expect(prompt.line("five? ")).rejects.toThrow('no answer to "five?": stdin has ended');
  });

  it("takes anything but yes for no", async () => {
    const prompt = promptOver("n\n\nyep\n");
    for (let i = 0; i < 3; i++) expect(await prompt.confirm("?")).toBe(false);
  });
});
