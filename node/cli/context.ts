/** What every command works with: the home, the flags, the client's settings, the keyring. */

import type { Command } from "commander";
import { type ClientConfig, clientToml } from "../config/client-toml.ts";
import { readFileIfThere } from "../config/files.ts";
import { findHome, type Home } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { type Flags, flagsOf } from "./flags.ts";
import type { Io } from "./io.ts";

export interface Context {
  readonly io: Io;
  readonly home: Home;
  readonly flags: Flags;
  /** client.toml with the flags and the environment over it. */
  readonly client: ClientConfig;
  /** Human-readable part of addresses. */
  readonly prefix: string;
  readonly json: boolean;
  /** Opened when it is first used. */
  keyring(): Promise<Keyring>;
  /** The answer: JSON with `-o json`, otherwise what `text` makes of it. */
  answer(value: unknown, text?: () => string): void;
}

export function createContext(command: Command, io: Io): Context {
  const flags = flagsOf(command, io.env);
  const home = findHome(flags.text("home"), io.env);
  const config = lazy(() => {
    const flag = (name: string) => (flags.given(name) ? flags.text(name) : undefined);
    const given = Object.fromEntries(Object.keys(clientToml.entries).map((name) => [name, flag(name)]));
    return loadConfig(clientToml, { path: home.clientToml, env: io.env, flags: given }).values;
  });
  const prefix = lazy(() => config()["bech32-prefix"] || prefixOfGenesis(home) || "firm");
  let keyring: Promise<Keyring> | undefined;
  return {
    io,
    home,
    flags,
    get client() {
      return config();
    },
    get prefix() {
      return prefix();
    },
    get json() {
      return config().output === "json";
    },
    keyring() {
      keyring ??= openKeyringOf(config(), flags.text("keyring-dir") ?? home.root, io);
      return keyring;
    },
    answer(value, text) {
      io.out(text && config().output !== "json" ? text() : JSON.stringify(value));
    },
  };
}

async function openKeyringOf(config: ClientConfig, folder: string, io: Io): Promise<Keyring> {
  const { openKeyring } = await import("../keyring/keyring.ts");
  return openKeyring({
    backend: config["keyring-backend"] as Keyring["backend"],
    folder,
    passphrase: async (fresh) => {
      const passphrase = await io.prompt.secret(
        fresh ? "Passphrase for the new keyring, at least 8 characters: " : "Passphrase of the keyring: ",
      );
      if (fresh && (await io.prompt.secret("The same again: ")) !== passphrase) {
        throw new Error("the two passphrases differ");
      }
      return passphrase;
    },
  });
}

/** Where the chain's prefix stands in its genesis file, which may be too large to parse for one word. */
function prefixOfGenesis(home: Home): string | undefined {
  const source = readFileIfThere(home.genesis);
  if (!source) return undefined;
  const said = /"bech32_prefix"\s*:\s*"([a-z][a-z0-9]{0,82})"/.exec(source);
  // A genesis of another program does not say, but has addresses.
  return (said ?? /"address"\s*:\s*"([a-z][a-z0-9]{0,82})1[02-9ac-hj-np-z]{38,}"/.exec(source))?.[1];
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
