/** Entry of the program; `node/bin/interfirmd` runs it. */
import { createPrompt } from "../keyring/prompt.ts";
import { run } from "./program.ts";

// A reader that has seen enough (`interfirmd query … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const code = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  prompt: createPrompt(),
});
process.exitCode = code;
