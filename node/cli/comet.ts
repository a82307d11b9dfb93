/** `interfirmd comet`: CometBFT's keys and data. */

import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { consensusPrefix } from "@interfirm/modules/kernel/address";
import { bech32 } from "@scure/base";
import { cometAddress, nodeIdOf, readPrivateKey, writeValidatorState } from "../config/comet-keys.ts";
import { type CometConfig, cometToml } from "../config/comet-toml.ts";
import { loadConfig } from "../config/load.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { requireStopped } from "./offline-node.ts";
import type { Register } from "./program.ts";
import { removeData } from "./remove-data.ts";

const configOf = ({ home, io }: Context): CometConfig =>
  loadConfig(cometToml, { path: home.cometToml, env: io.env }).values;

/** The validator's key, unless a remote signer has it. */
function validatorKeyOf(context: Context) {
  const { home } = context;
  const config = configOf(context);
  if (config.priv_validator_laddr !== "" && !existsSync(home.privValidatorKey)) {
    throw new Error(
      `a remote signer has the validator's key (priv_validator_laddr is ${config.priv_validator_laddr}): ask it for the public key`,
    );
  }
  return readPrivateKey(home.privValidatorKey);
}

export const register: Register = (program, run) => {
  const comet = program.command("comet").aliases(["cometbft", "tendermint"]).description("CometBFT's keys and data");

  comet
    .command("show-node-id")
    .description("the node's name in the network, for seeds and persistent_peers")
    .action(run(({ home, io }) => io.out(nodeIdOf(readPrivateKey(home.nodeKey).pubKey))));

  comet
    .command("show-validator")
    .description("the validator's public key")
    .action(
      run((context) => {
        context.io.out(JSON.stringify(validatorPubKeyJson(context)));
      }),
    );

  comet
    .command("show-address")
    .description("the validator's consensus address")
    .action(
      run((context) => {
        const words = bech32.toWords(cometAddress(validatorKeyOf(context).pubKey));
        context.io.out(bech32.encode(consensusPrefix(context.prefix), words));
      }),
    );

  comet
    .command("version")
    .description("the release of CometBFT that this node runs with")
    .action(
      run(async ({ io }) => {
        const { COMETBFT_VERSION } = await import("../comet/locate.ts");
        io.out(
          JSON.stringify(
            { CometBFT: COMETBFT_VERSION, ABCI: "2.0.0", BlockProtocol: 11, P2PProtocol: 8 },
            undefined,
            2,
          ),
        );
      }),
    );

  const reset = comet
    .command("unsafe-reset-all")
    .description(
      "remove all blocks and state, and what the validator signed: never on a chain that lives; the node must not run",
    )
    .action(
      run(async (context) => {
        const { home, flags, io } = context;
        const config = configOf(context);
        await requireStopped(home);
        removeData(home, config);
        const state = resolve(home.root, config.priv_validator_state_file);
        rmSync(state, { force: true });
        writeValidatorState(state);
        if (!flags.is("keep-addr-book")) rmSync(home.addressBook, { force: true });
        io.err(`removed the data under ${home.data} and reset the validator's state`);
      }),
    );
  boolFlags(reset, { "--keep-addr-book": "leave the address book" });

  comet
    .command("reset-state")
    .description("remove all blocks and state; what the validator signed stays; the node must not run")
    .action(
      run(async (context) => {
        const { home, io } = context;
        const config = configOf(context);
        await requireStopped(home);
        removeData(home, config);
        io.err(`removed the data under ${home.data}`);
      }),
    );

  const bootstrap = comet
    .command("bootstrap-state")
    .description("make CometBFT's state for a restored snapshot, with the light client's settings of config.toml")
    .action(run(async (context) => (await import("./bootstrap-state.ts")).bootstrapState(context)));
  valueFlags(bootstrap, { "--height <height>": "height that the application must be at (default: where it is)" });
};

/** The validator's public key as the command line and genesis files have it. */
export const validatorPubKeyJson = (context: Context) => ({
  "@type": "/cosmos.crypto.ed25519.PubKey",
  key: Buffer.from(validatorKeyOf(context).pubKey).toString("base64"),
});
