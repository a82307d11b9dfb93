/** The program `interfirmd`: one file a group of commands, read only when that group is asked for. */
import { type Command, CommanderError } from "commander";
import { CliCommand, ExitCode } from "./command.ts";
import { candidateLines, candidates } from "./completion.ts";
import { type Context, createContext } from "./context.ts";
import { boolFlags, flagTerm, isBool, normalizeArguments, valueFlags } from "./flags.ts";
import type { Io } from "./io.ts";

/** Adds a group's commands to the program. */
export type Register = (program: Command, run: Run) => void | Promise<void>;

/** What commander passes for a word of a command's term: a list for `<names...>`, undefined for `[file]` left out. */
type Word = string | readonly string[] | undefined;

/** Makes a command's action of a function of the context and the command's words, in the order of its term. */
export type Run = <Words extends readonly Word[]>(
  act: (context: Context, ...words: Words) => void | Promise<void>,
) => (...received: unknown[]) => Promise<void>;

interface Group {
  readonly summary: string;
  readonly aliases?: readonly string[];
  load(): Promise<{ readonly register: Register }>;
}

const genesis = () => import("./genesis.ts");

const GROUPS: Readonly<Record<string, Group>> = {
  init: { summary: "make the files of a new node", load: () => import("./init.ts") },
  start: { summary: "run the node: the application and CometBFT", load: () => import("./start.ts") },
  keys: { summary: "manage keys", load: () => import("./keys.ts") },
  genesis: { summary: "prepare a genesis file", load: genesis },
  tx: { summary: "make, sign and send transactions", load: () => import("./tx.ts") },
  query: { summary: "ask a node", aliases: ["q"], load: () => import("./query.ts") },
  status: { summary: "ask a node how it is", load: () => import("./status.ts") },
  config: { summary: "read and change the configuration", load: () => import("./config.ts") },
  comet: { summary: "CometBFT's keys and data", aliases: ["cometbft", "tendermint"], load: () => import("./comet.ts") },
  export: { summary: "write the state as a genesis file", load: () => import("./export.ts") },
  "pre-upgrade": { summary: "what cosmovisor runs before an upgrade", load: () => import("./upgrade.ts") },
  upgrade: { summary: "look at what a plan says of its builds", load: () => import("./upgrade.ts") },
  rollback: { summary: "take the last block back", load: () => import("./rollback.ts") },
  snapshots: { summary: "manage snapshots of the state", load: () => import("./snapshots.ts") },
  prune: { summary: "drop older versions of the state", load: () => import("./prune.ts") },
  testnet: { summary: "make the files of a network of several nodes", load: () => import("./testnet.ts") },
  "module-hash-by-height": { summary: "show the hash of every module's store", load: () => import("./module-hash.ts") },
  debug: { summary: "take addresses and keys apart", load: () => import("./debug.ts") },
  completion: { summary: "print what makes a shell complete commands", load: () => import("./completion.ts") },
  version: { summary: "say what this is", load: () => import("./version.ts") },
  "add-genesis-account": { summary: "same as genesis add-genesis-account", load: genesis },
  gentx: { summary: "same as genesis gentx", load: genesis },
  "collect-gentxs": { summary: "same as genesis collect-gentxs", load: genesis },
  "validate-genesis": { summary: "same as genesis validate", load: genesis },
};

/** Runs one call of the program and resolves with its exit code. Errors go to `io.err`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    if (args[0] === COMPLETE) {
      const words = args.slice(1);
      io.out(candidateLines(candidates(await programFor(words.slice(0, -1), io), words)));
      return 0;
    }
    const program = await programFor(args, io);
    await program.parseAsync(normalizeArguments(program, args), { from: "user" });
    return 0;
  } catch (error) {
    return report(error, args, io);
  }
}

/** The program with the commands of the group that the words name, or with a summary of all groups. */
async function programFor(args: readonly string[], io: Io): Promise<Command> {
  const program = new CliCommand("interfirmd");
  program.description("Node and command line of Interfirm, a chain for firms that trade with one another.");
  settle(program, io);
  addGlobalFlags(program);
  const group = groupOf(program, args);
  if (group) {
    await (await group.load()).register(program, (act) => async (...received) => {
      // Commander passes the words, then the options, then the command; that the words fit is between a command and its term.
      const command = received.at(-1) as Command;
      await act(createContext(command, io), ...(received.slice(0, -2) as never));
    });
  } else addSummaries(program);
  for (const command of leavesOf(program)) addGlobalFlags(command);
  for (const command of descendantsOf(program)) settle(command, io);
  return program;
}

function report(error: unknown, args: readonly string[], io: Io): number {
  // Thrown after help was asked for.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof ExitCode) return error.code;
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    error instanceof Error && error.name === "RpcUnreachableError" ? ": is the node running? --node names another" : "";
  const trace = args.some((arg) => arg === "--trace" || arg === "--trace=true");
  io.err(`Error: ${trace && error instanceof Error ? error.stack : message}${hint}`);
  return 1;
}

/** The word before a command line that a shell asks to have completed. */
const COMPLETE = "__complete";

function settle(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .configureHelp({ optionTerm: flagTerm, sortSubcommands: false })
    .allowExcessArguments(false)
    .helpCommand(false);
}

function addGlobalFlags(command: Command): void {
  const has = (long: string) => command.options.some((option) => option.long === long);
  if (!has("--home"))
    valueFlags(command, { "--home <folder>": "home of the node (default: $INTERFIRMD_HOME, else ~/.interfirm)" });
  if (!has("--log_level")) {
    valueFlags(command, {
      "--log_level <level>": "debug, info, warn, error or none, or by module: consensus:info,*:error",
    });
  }
  if (!has("--log_format")) valueFlags(command, { "--log_format <format>": "plain or json" });
  if (!has("--log_no_color")) boolFlags(command, { "--log_no_color": "plain log without colours" });
  if (!has("--trace")) boolFlags(command, { "--trace": "show where an error comes from" });
}

/** The group that the first word names; words that are values of flags are passed over. */
function groupOf(program: Command, args: readonly string[]): Group | undefined {
  for (let at = 0; at < args.length; at++) {
    const token = args[at] as string;
    if (token.startsWith("-")) {
      const option = program.options.find(({ long }) => long === token);
      if (option && !isBool(option)) at++;
      continue;
    }
    if (Object.hasOwn(GROUPS, token)) return GROUPS[token];
    return Object.values(GROUPS).find(({ aliases }) => aliases?.includes(token));
  }
  return undefined;
}

function addSummaries(program: Command): void {
  for (const [name, { summary, aliases = [] }] of Object.entries(GROUPS)) {
    program
      .command(name)
      .description(summary)
      .aliases([...aliases]);
  }
}

function* descendantsOf(command: Command): Generator<Command> {
  for (const child of command.commands) {
    yield child;
    yield* descendantsOf(child);
  }
}

function* leavesOf(command: Command): Generator<Command> {
  for (const child of descendantsOf(command)) if (child.commands.length === 0) yield child;
}
