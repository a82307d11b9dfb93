import { homedir } from "node:os";
import { join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every file of a node's home that this package knows of. Absolute paths. */
export interface Home {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly appToml: string;
  readonly cometToml: string;
  readonly clientToml: string;
  readonly genesis: string;
  readonly nodeKey: string;
  readonly privValidatorKey: string;
  readonly privValidatorState: string;
  readonly addressBook: string;
  readonly gentx: string;
  readonly applicationDb: string;
  readonly snapshots: string;
  readonly upgradeInfo: string;
}

/** The layout of a Cosmos SDK node's home. */
export function homeAt(root: string): Home {
  const at = (...parts: readonly string[]) => join(resolve(root), ...parts);
  return {
    root: at(),
    config: at("config"),
    data: at("data"),
    appToml: at("config", "app.toml"),
    cometToml: at("config", "config.toml"),
    clientToml: at("config", "client.toml"),
    genesis: at("config", "genesis.json"),
    nodeKey: at("config", "node_key.json"),
    privValidatorKey: at("config", "priv_validator_key.json"),
    privValidatorState: at("data", "priv_validator_state.json"),
    addressBook: at("config", "addrbook.json"),
    gentx: at("config", "gentx"),
    applicationDb: at("data", "application.db"),
    snapshots: at("data", "snapshots"),
    upgradeInfo: at("data", "upgrade-info.json"),
  };
}

/** `--home`, else `INTERFIRMD_HOME`, else `~/.interfirm`. */
export function findHome(given: string | undefined, env: Environment): Home {
  return homeAt(given ?? (env["INTERFIRMD_HOME"] || join(env["HOME"] || homedir(), ".interfirm")));
}
