import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { CometConfig } from "../config/comet-toml.ts";
import type { Home } from "../config/home.ts";

/**
 * Everything under data/ goes, except keys and what the validator signed last, wherever config.toml puts them: without these it could
 * sign a height twice. The caller sees to it that nobody works on it.
 */
export function removeData({ root, data, privValidatorState }: Home, comet: CometConfig): void {
  if (!existsSync(data)) throw new Error(`${data} is not there: run interfirmd init first, or give --home`);
  const files = [
    privValidatorState,
    comet.priv_validator_state_file,
    comet.priv_validator_key_file,
    comet.node_key_file,
  ];
  const kept = new Set(files.map((file) => relative(data, resolve(root, file)).split(sep)[0]));
  for (const name of readdirSync(data)) {
    if (!kept.has(name)) rmSync(join(data, name), { recursive: true, force: true });
  }
}
