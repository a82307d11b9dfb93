import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../config/home.ts";

/** Everything under data/ goes, except what the validator signed last. The caller sees to it that nobody works on it. */
export function removeData({ data }: Home): void {
  if (!existsSync(data)) throw new Error(`${data} is not there: run interfirmd init first, or give --home`);
  for (const name of readdirSync(data)) {
    if (name !== "priv_validator_state.json") rmSync(join(data, name), { recursive: true, force: true });
  }
}
