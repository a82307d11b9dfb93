import type { Environment } from "../config/home.ts";
import type { Prompt } from "../keyring/prompt.ts";
import type { Build } from "./open-node.ts";

/** What a command may touch of the world, so that tests can stand in for it. */
export interface Io {
  readonly env: Environment;
  /** One line or more of the answer, on stdout. */
  out(text: string): void;
  /** What is for people only, on stderr. */
  err(text: string): void;
  readonly prompt: Prompt;
  /** Another build than that of app.ts: for drills of upgrades. */
  readonly build?: Build | undefined;
}
