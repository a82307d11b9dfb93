import { valueFlags } from "./flags.ts";
import type { Register } from "./program.ts";

export const register: Register = (program, run) => {
  const command = program
    .command("status")
    .description("ask a node how it is: its name, its latest block, its validator")
    .action(
      run(async ({ client, io }) => {
        const { createRpc } = await import("../comet/rpc.ts");
        const { node_info, sync_info, validator_info } = await createRpc(client.node).status();
        // Scripts read this with jq, so it is JSON in either form of output, as the SDK's.
        io.out(JSON.stringify({ node_info, sync_info, validator_info }));
      }),
    );
  valueFlags(command, {
    "-n, --node <address>": "CometBFT RPC of the node (default: tcp://localhost:26657)",
    "-o, --output <form>": "text or json",
  });
};
