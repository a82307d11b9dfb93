/** `interfirmd keys export|import|import-hex`: private keys between keyrings. */

import type { Command } from "commander";
import { readText } from "../config/files.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { keyLines, keyOutput } from "./key-output.ts";
import { needKey } from "./keys.ts";
import type { Run } from "./program.ts";

export function registerTransfer(keys: Command, run: Run): void {
  const exporting = keys
    .command("export <name>")
    .description("print a private key, encrypted under a passphrase that is asked for")
    .action(
      run(async (context, name: string) => {
        const { flags, io } = context;
        const record = await needKey(context, name);
        const keyring = await context.keyring();
        const unarmored = flags.is("unarmored-hex");
        if (unarmored !== flags.is("unsafe")) {
          throw new Error("a private key in the open needs both flags: --unarmored-hex --unsafe");
        }
        if (unarmored) {
          const sure =
            flags.is("yes") || (await io.prompt.confirm("The private key will be shown in the open. Go on?"));
          if (!sure) throw new Error("nothing exported: not confirmed");
          io.out(Buffer.from(await keyring.privateKey(record.name)).toString("hex"));
          return;
        }
        const { armorPrivateKey } = await import("../keyring/armor.ts");
        const passphrase = await io.prompt.secret("Passphrase to encrypt the exported key, at least 8 characters: ");
        if (passphrase.length < 8) throw new Error(`passphrase has ${passphrase.length} characters, want at least 8`);
        io.out((await armorPrivateKey(await keyring.privateKey(record.name), passphrase)).trimEnd());
      }),
    );
  boolFlags(exporting, {
    "--unarmored-hex": "print the key in hex, in the open",
    "--unsafe": "really",
    "-y, --yes": "do not ask",
  });

  keys
    .command("import <name> <file>")
    .description("keep a private key from an armoured file of interfirmd or a Cosmos SDK tool")
    .action(
      run(async (context, name: string, file: string) => {
        const { unarmorPrivateKey } = await import("../keyring/armor.ts");
        const armor = readText(file);
        const passphrase = await context.io.prompt.secret("Passphrase of the exported key: ");
        const record = await (await context.keyring()).addLocal(name, await unarmorPrivateKey(armor, passphrase));
        const shown = keyOutput(record, context.prefix);
        context.answer(shown, () => keyLines([shown]));
      }),
    );

  const hex = keys
    .command("import-hex <name> [hex]")
    .description(
      "keep a secp256k1 private key in hex; left out, it is asked for, which keeps it from other users' eyes",
    )
    .action(
      run(async (context, name: string, given: string | undefined) => {
        const text = (given ?? (await context.io.prompt.secret("Private key in hex: "))).trim().replace(/^0x/, "");
        if (!/^[0-9a-fA-F]{64}$/.test(text))
          throw new Error(`private key has ${text.length} characters, want 64 hex digits`);
        const record = await (await context.keyring()).addLocal(name, new Uint8Array(Buffer.from(text, "hex")));
        const shown = keyOutput(record, context.prefix);
        context.answer(shown, () => keyLines([shown]));
      }),
    );
  valueFlags(hex, { "--key-type <kind>": "secp256k1" });
}
