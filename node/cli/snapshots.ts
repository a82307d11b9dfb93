/** `interfirmd snapshots`: state-sync snapshots on this machine. The node must not run, but for `list`. */
import type { Command } from "commander";
import { Snapshots } from "../store/snapshots.ts";
import type { Context } from "./context.ts";
import { valueFlags } from "./flags.ts";
import { requireState, withOfflineNode } from "./offline-node.ts";
import type { Register, Run } from "./program.ts";

export const register: Register = (program, run) => {
  const snapshots = program.command("snapshots").description("manage snapshots of the state");
  registerInspection(snapshots, run);
  registerMaking(snapshots, run);
  registerArchives(snapshots, run);
};

const openSnapshots = ({ home }: Context): Promise<Snapshots> => Snapshots.open({ path: home.snapshots });

/** Height and format as the SDK's commands take them. */
function readNumbers(height: string | undefined, format: string | undefined): readonly [bigint, number] {
  if (!/^[1-9][0-9]{0,15}$/.test(height ?? "") || !/^[0-9]{1,9}$/.test(format ?? "")) {
    throw new Error(`snapshot is ${height} ${format}, want a height and a format: see interfirmd snapshots list`);
  }
  return [BigInt(height as string), Number(format)];
}

function registerInspection(parent: Command, run: Run): void {
  parent
    .command("list")
    .description("the snapshots there are")
    .action(
      run(async (context) => {
        for (const { height, format, chunks } of (await openSnapshots(context)).list()) {
          context.io.out(`height: ${height} format: ${format} chunks: ${chunks}`);
        }
      }),
    );
  parent
    .command("delete <height> <format>")
    .description("delete a snapshot")
    .action(
      run(async (context, height: string | undefined, format: string | undefined) => {
        await (await openSnapshots(context)).delete(...readNumbers(height, format));
      }),
    );
}

function registerMaking(parent: Command, run: Run): void {
  const exporting = parent
    .command("export")
    .description("make a snapshot of a height")
    .action(
      run(async (context) => {
        requireState(context.home);
        await withOfflineNode(context, async (node) => {
          const height = context.flags.count("height") ?? node.store.version;
          const made = await node.snapshots.create(await node.store.at(height));
          context.io.out(`Snapshot created at height ${made.height}, format ${made.format}, chunks ${made.chunks}`);
        });
      }),
    );
  valueFlags(exporting, { "--height <height>": "height of the state (default: the latest)" });

  parent
    .command("restore <height> <format>")
    .description("restore the application's state from a snapshot, into an empty database")
    .action(
      run(async (context, height: string | undefined, format: string | undefined) => {
        const { Restore } = await import("../store/restore.ts");
        await withOfflineNode(context, async (node) => {
          const [at, form] = readNumbers(height, format);
          const snapshot = node.snapshots.find(at, form);
          if (!snapshot)
            throw new Error(`there is no snapshot of height ${at}, format ${form}: see interfirmd snapshots list`);
          const restore = new Restore(node.store, snapshot, snapshot.appHash);
          for (let index = 0; index < snapshot.chunks; index++) {
            const chunk = await node.snapshots.chunk(at, form, index);
            const result = await restore.apply(index, chunk ?? new Uint8Array());
            if (result.kind === "refetch") throw new Error(`chunk ${index} of the snapshot is damaged: load it again`);
          }
          const hash = Buffer.from(node.store.appHash).toString("hex").toUpperCase();
          context.io.out(`Restored state of height ${node.store.version} with hash ${hash}`);
        });
      }),
    );
}

function registerArchives(parent: Command, run: Run): void {
  const dump = parent
    .command("dump <height> <format>")
    .description("pack a snapshot into one file")
    .action(
      run(async (context, height: string | undefined, format: string | undefined) => {
        const [at, form] = readNumbers(height, format);
        const file = (context.flags.given("output") && context.flags.text("output")) || `${at}-${form}.tar.gz`;
        await (await openSnapshots(context)).dump(at, form, file);
        context.io.out(file);
      }),
    );
  valueFlags(dump, { "-o, --output <file>": "the file (default: <height>-<format>.tar.gz)" });
  parent
    .command("load <file>")
    .description("unpack a file that dump has made")
    .action(
      run(async (context, file: string) => {
        const { height, format, chunks } = await (await openSnapshots(context)).load(file);
        context.io.out(`loaded snapshot of height ${height}, format ${format}, chunks ${chunks}`);
      }),
    );
}
