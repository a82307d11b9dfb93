/** Entry of the program; `node/bin/interfirmd` runs it. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// What V8 has compiled once need not be compiled for every command: it halves their time. The cache lies in the user's own
// folder, where nobody else can put code, and is looked up by content. Imports must come after it.
const { XDG_CACHE_HOME, HOME } = process.env;
enableCompileCache(join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "interfirm", "compiled"));
const { createPrompt } = await import("../keyring/prompt.ts");
const { run } = await import("./program.ts");

// A reader that has seen enough (`interfirmd query … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  prompt: createPrompt(),
});
