import { valueFlags } from "./flags.ts";
import { requireState, withOfflineNode } from "./offline-node.ts";
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
      run(async (context, given: string | undefined) => {
        if (given !== undefined && !/^[1-9][0-9]{0,15}$/.test(given)) {
          throw new Error(`height is ${JSON.stringify(given.slice(0, 40))}, want a whole number from 1`);
        }
        requireState(context.home);
        await withOfflineNode(context, async ({ store }) => {
          const view = await store.at(given === undefined ? store.version : BigInt(given));
          const stores = view.stores.map(({ name, hash }) => ({ name, hash: hexOfText(hash) }));
          const shown = { version: String(view.height), app_hash: hex(view.appHash), store_infos: stores };
          context.answer(shown, () => toYaml(shown));
        });
      }),
    );
  valueFlags(command, { "-o, --output <form>": "text or json" });
};
