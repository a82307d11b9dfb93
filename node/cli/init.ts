import { boolFlags, valueFlags } from "./flags.ts";
import { initHome } from "./init-home.ts";
import type { Register } from "./program.ts";

export const register: Register = (program, run) => {
  const command = program
    .command("init [moniker]")
    .description("make the configuration, the keys and the genesis file of a new node")
    .action(
      run(async ({ home, flags, io }, moniker: string = "node") => {
        const { readMnemonic } = await import("../keyring/hd.ts");
        const mnemonic = flags.is("recover")
          ? readMnemonic(await io.prompt.secret("Mnemonic of the validator's key: "))
          : undefined;
        const algorithm = flags.text("consensus-key-algo") ?? "ed25519";
        if (algorithm !== "ed25519") throw new Error(`--consensus-key-algo is ${algorithm}, want ed25519`);
        const made = await initHome({
          home: home.root,
          moniker,
          chainId: flags.text("chain-id"),
          bech32Prefix: flags.text("bech32-prefix"),
          defaultDenom: flags.text("default-denom"),
          inflation: flags.text("inflation"),
          initialHeight: flags.count("initial-height"),
          overwrite: flags.is("overwrite"),
          mnemonic,
        });
        const info = {
          moniker,
          chain_id: made.genesis.chain_id,
          node_id: made.nodeId,
          gentxs_dir: "",
          app_message: made.genesis.app_state,
        };
        io.err(JSON.stringify(info, undefined, 1));
      }),
    );
  valueFlags(command, {
    "--chain-id <id>": "name of the chain (default: interfirm- and six random letters)",
    "--default-denom <denom>": "token of stake and fees (default: ufirm)",
    "--bech32-prefix <prefix>": "prefix of addresses (default: firm)",
    "--inflation <share>":
      "share of the token that is minted in a year, 0 for none (default: the SDK's curve, 0.07 to 0.20)",
    "--initial-height <height>": "height of the first block (default: 1)",
    "--consensus-key-algo <algorithm>": "kind of the validator's key: ed25519",
  });
  boolFlags(command, {
    "-o, --overwrite": "replace a genesis file that is there",
    "--recover": "derive the validator's key from a mnemonic, which is asked for",
  });
};
