import { appToml } from "../config/app-toml.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../log/logger.ts";
import { valueFlags } from "./flags.ts";
import type { Register } from "./program.ts";
import { toYaml } from "./yaml.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();

/** The store holds hashes as text, one character a byte. */
const hexOfText = (text: string): string => Buffer.from(text, "latin1").toString("hex").toUpperCase();

/** Two nodes whose app hashes differ find here the module that differs. */
export const register: Register = (program, run) => {
  const command = program
    .command("module-hash-by-height [height]")
    .description("the hash of every module's store at a height, by default the latest; the node must not run")
    .action(
      run(async (context, given) => {
        const { openNode } = await import("./open-node.ts");
        const { home, io } = context;
        if (given !== undefined && !/^[1-9][0-9]{0,15}$/.test(given)) {
          throw new Error(`height is ${JSON.stringify(given.slice(0, 40))}, want a whole number from 1`);
        }
        const app = loadConfig(appToml, { path: home.appToml, env: io.env }).values;
        const node = await openNode({
          home,
          app,
          logger: createLogger({ level: "error", write: io.err }),
          build: io.build,
        });
        try {
          const view = await node.store.at(given === undefined ? node.store.version : BigInt(given));
          const stores = view.stores.map(({ name, hash }) => ({ name, hash: hexOfText(hash) }));
          const shown = { version: String(view.height), app_hash: hex(view.appHash), store_infos: stores };
          context.answer(shown, () => toYaml(shown));
        } finally {
          await node.close();
        }
      }),
    );
  valueFlags(command, { "-o, --output <form>": "text or json" });
};
