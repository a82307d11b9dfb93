/** `interfirmd testnet init-files`: the homes of a whole network, for one machine or for several. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../config/files.ts";
import { type Genesis, readGenesis, writeGenesis } from "../config/genesis.ts";
import type { Home } from "../config/home.ts";
import { checkGasPrices } from "../config/preflight.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { addGenesisAccounts } from "./genesis-accounts.ts";
import { initHome } from "./init-home.ts";
import type { Register } from "./program.ts";

export interface TestnetOptions {
  readonly folder: string;
  readonly validators: number;
  readonly chainId: string;
  readonly bech32Prefix: string;
  readonly denom: string;
  readonly namePrefix: string;
  /** Folder of the home below a node's own. */
  readonly daemonHome: string;
  /** Undefined: all nodes on the loopback, with ports of their own. */
  readonly startingIp: string | undefined;
  readonly minimumGasPrices: string;
  readonly timeoutCommit: string;
  readonly keyringBackend: "test" | "file";
  readonly passphrase: () => Promise<string>;
}

export interface TestnetNode {
  readonly name: string;
  readonly home: Home;
  readonly address: string;
  readonly mnemonic: string;
}

/** What each validator holds, and stakes of it, in the smallest unit. */
const BALANCE = 1_000_000_000_000n;
const STAKE = 100_000_000n;
/** Ports of the first node on the loopback; each further node is so many above. */
const PORTS_APART = 10;

const nextIp = (first: string, index: number): string => {
  const parts = first.split(".").map(Number);
  const last = (parts[3] ?? 0) + index;
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part < 256)) || last > 255) {
    throw new Error(`--starting-ip-address is ${first}, want an IPv4 address with room for all nodes`);
  }
  return [...parts.slice(0, 3), last].join(".");
};

/** Makes the homes of a network whose nodes know each other and whose genesis file is the same. */
async function createTestnet(options: TestnetOptions): Promise<readonly TestnetNode[]> {
  const { folder, validators, chainId, bech32Prefix, denom } = options;
  if (!(validators >= 1 && validators <= 200)) throw new Error(`--v is ${validators}, want 1 to 200 validators`);
  checkGasPrices(options.minimumGasPrices);
  const { openKeyring } = await import("../keyring/keyring.ts");
  const { deriveSecp256k1, hdPath, newMnemonic } = await import("../keyring/hd.ts");
  const { addressOf } = await import("./key-output.ts");
  const { collectGentxs, gentx } = await import("./gentxs.ts");
  const genesisTime = new Date().toISOString();
  const nodes: (TestnetNode & { readonly keyring: ReturnType<typeof openKeyring> })[] = [];
  const gentxs = join(folder, "gentxs");
  mkdirSync(gentxs, { recursive: true });
  for (let index = 0; index < validators; index++) {
    const name = `${options.namePrefix}${index}`;
    const { home } = await initHome({
      home: join(folder, name, options.daemonHome),
      moniker: name,
      chainId,
      bech32Prefix,
      defaultDenom: denom,
      genesisTime,
      app: { "minimum-gas-prices": options.minimumGasPrices, "api.enable": false, "grpc.enable": false },
      comet: { "consensus.timeout_commit": options.timeoutCommit, ...networkOf(options, index) },
      client: { "keyring-backend": options.keyringBackend, node: nodeAddress(options, index) },
    });
    const keyring = openKeyring({ backend: options.keyringBackend, folder: home.root, passphrase: options.passphrase });
    const mnemonic = newMnemonic();
    const record = await keyring.addLocal(name, deriveSecp256k1(mnemonic, hdPath()));
    nodes.push({ name, home, mnemonic, keyring, address: addressOf(record.pubKey, bech32Prefix) });
  }
  const first = nodes[0] as TestnetNode;
  const accounts = nodes.map(({ address }) => ({ address, coins: [{ denom, amount: BALANCE }] }));
  const genesis: Genesis = addGenesisAccounts(readGenesis(first.home.genesis).genesis, accounts);
  for (const [index, { home, keyring, name }] of nodes.entries()) {
    writeGenesis(home.genesis, genesis);
    const ip = options.startingIp === undefined ? "127.0.0.1" : nextIp(options.startingIp, index);
    const stake = { denom, amount: STAKE };
    await gentx({ home, keyring, keyName: name, stake, ip }, join(gentxs, `${name}.json`));
  }
  for (const { home } of nodes) collectGentxs(home, gentxs);
  return nodes.map(({ keyring: _, ...node }) => node);
}

const portsOf = (index: number) => ({
  p2p: 26656 + PORTS_APART * index,
  rpc: 26657 + PORTS_APART * index,
  metrics: 26660 + PORTS_APART * index,
});

const nodeAddress = ({ startingIp }: TestnetOptions, index: number): string =>
  startingIp === undefined ? `tcp://127.0.0.1:${portsOf(index).rpc}` : "tcp://localhost:26657";

function networkOf({ startingIp }: TestnetOptions, index: number) {
  if (startingIp !== undefined) return { "p2p.addr_book_strict": false, "rpc.laddr": "tcp://0.0.0.0:26657" };
  const { p2p, rpc, metrics } = portsOf(index);
  return {
    "p2p.laddr": `tcp://127.0.0.1:${p2p}`,
    "rpc.laddr": `tcp://127.0.0.1:${rpc}`,
    "instrumentation.prometheus_listen_addr": `127.0.0.1:${metrics}`,
    "p2p.addr_book_strict": false,
    "p2p.allow_duplicate_ip": true,
  };
}

export const register: Register = (program, run) => {
  const testnet = program.command("testnet").description("make the files of a network of several nodes");
  const init = testnet
    .command("init-files")
    .description(
      "make the homes of a network: each node starts with interfirmd start --home <folder>/<node>/interfirmd",
    )
    .action(
      run(async ({ flags, io }) => {
        const folder = flags.text("output-dir") ?? "./.testnets";
        const backend = flags.text("keyring-backend") ?? "test";
        if (backend !== "test" && backend !== "file")
          throw new Error(`--keyring-backend is ${backend}, want test or file`);
        const denom = flags.text("default-denom") ?? "ufirm";
        const nodes = await createTestnet({
          folder,
          validators: Number(flags.count("v") ?? flags.count("validator-count") ?? 4n),
          chainId: flags.text("chain-id") || "interfirm-testnet",
          bech32Prefix: flags.text("bech32-prefix") ?? "firm",
          denom,
          namePrefix: flags.text("node-dir-prefix") ?? "node",
          daemonHome: flags.text("node-daemon-home") ?? "interfirmd",
          startingIp: flags.text("starting-ip-address"),
          minimumGasPrices: flags.text("minimum-gas-prices") ?? `0${denom}`,
          timeoutCommit: flags.text("commit-timeout") ?? "1s",
          keyringBackend: backend,
          passphrase: () => io.prompt.secret("Passphrase of all keyrings, at least 8 characters: "),
        });
        for (const { home, name, mnemonic, address } of nodes) {
          const seed = `${JSON.stringify({ name, address, secret: mnemonic })}\n`;
          if (flags.is("print-mnemonic")) io.err(`${name}: ${mnemonic}`);
          writeFileAtomically(join(home.root, "key_seed.json"), seed);
        }
        io.err(`Successfully initialized ${nodes.length} node directories`);
      }),
    );
  valueFlags(init, {
    "--v <number>": "validators (default: 4)",
    "--validator-count <number>": "same as --v",
    "-o, --output-dir <folder>": "where the homes go (default: ./.testnets)",
    "--chain-id <id>": "the chain (default: interfirm-testnet)",
    "--bech32-prefix <prefix>": "prefix of addresses (default: firm)",
    "--default-denom <denom>": "token of stake and fees (default: ufirm)",
    "--node-dir-prefix <prefix>": "names of the nodes (default: node)",
    "--node-daemon-home <folder>": "home below a node's folder (default: interfirmd)",
    "--starting-ip-address <address>":
      "address of the first node, the others count up (default: all on 127.0.0.1 with ports of their own)",
    "--minimum-gas-prices <prices>": "the least price of gas (default: 0)",
    "--commit-timeout <time>": "timeout_commit of config.toml (default: 1s)",
    "--keyring-backend <kind>": "test or file (default: test)",
  });
  boolFlags(init, {
    "--print-mnemonic": "print the keys' mnemonics",
    "--single-host": "without effect: it is the default",
  });
};
