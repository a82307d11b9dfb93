/** `interfirmd config`: what Cosmos' confix offers, and where each value comes from. */
import { appToml } from "../config/app-toml.ts";
import { clientToml } from "../config/client-toml.ts";
import { cometToml } from "../config/comet-toml.ts";
import { readFileIfThere, writeFileAtomically } from "../config/files.ts";
import { type Loaded, loadConfig } from "../config/load.ts";
import type { Entries, Schema, TomlValue } from "../config/schema.ts";
import { parseValue } from "../config/schema.ts";
import { formatValue, renderToml, setTomlValue } from "../config/toml.ts";
import { COSMOS_SDK_VERSION, VERSION } from "../config/version.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Register } from "./program.ts";

interface File {
  readonly path: string;
  readonly schema: Schema;
}

/** `app`, `app.toml`, `config`, `client`, and `comet` for config.toml. */
function fileNamed({ home }: Context, name: string): File {
  switch (name.replace(/\.toml$/, "")) {
    case "app":
      return { path: home.appToml, schema: appToml };
    case "config":
    case "comet":
      return { path: home.cometToml, schema: cometToml };
    case "client":
      return { path: home.clientToml, schema: clientToml };
    default:
      throw new Error(`configuration is ${JSON.stringify(name)}, want app, config or client`);
  }
}

function entryOf({ schema }: File, key: string) {
  const entry = Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined;
  if (!entry) throw new Error(`${schema.file} has no key ${JSON.stringify(key)}: see interfirmd config view`);
  return entry;
}

const load = ({ path, schema }: File, env: Context["io"]["env"]): Loaded<Entries> => loadConfig(schema, { path, env });

/** `v0.53.8` → `v0.53` */
const minorOf = (version: string): string => version.replace(/\.[0-9]+$/, "");

export const register: Register = (program, run) => {
  const config = program.command("config").description("read and change the configuration");

  config
    .command("get <file> <key>")
    .description("show one value of app, config or client")
    .action(
      run((context, name: string, key: string) => {
        const file = fileNamed(context, name);
        entryOf(file, key);
        context.io.out(JSON.stringify(load(file, {}).values[key]));
      }),
    );

  config
    .command("set <file> <key> <value>")
    .description("change one value of app, config or client; comments stay")
    .action(
      run((context, name: string, key: string, given: string) => {
        const file = fileNamed(context, name);
        const value = parseValue(key, entryOf(file, key), given);
        const source = readFileIfThere(file.path) ?? renderToml(file.schema);
        writeFileAtomically(file.path, setTomlValue(source, key, value), 0o644);
      }),
    );

  const view = config
    .command("view [file]")
    .description("show a file, or with --effective what holds and where it comes from")
    .action(
      run((context, name: string = "app") => {
        const file = fileNamed(context, name);
        if (!context.flags.is("effective")) {
          const { values } = load(file, {});
          const source = readFileIfThere(file.path) ?? renderToml(file.schema);
          context.answer(values, () => source.trimEnd());
          return;
        }
        const { values, origins } = load(file, context.io.env);
        const rows = Object.entries(values).map(([key, value]) => ({ key, value, origin: origins[key] }));
        context.answer(rows, () =>
          rows.map(({ key, value, origin }) => `${key} = ${formatValue(value as TomlValue)}  # ${origin}`).join("\n"),
        );
      }),
    );
  boolFlags(view, { "--effective": "defaults, file and environment together, with the origin of each value" });
  valueFlags(view, { "-o, --output <form>": "text or json" });

  const diff = config
    .command("diff [file]")
    .description("show where a file differs from the defaults")
    .action(
      run((context, name: string = "app") => {
        const file = fileNamed(context, name);
        const { values, unknown } = load(file, {});
        const changed = Object.entries(values)
          .map(([key, value]) => ({ key, value, default: file.schema.entries[key]?.default }))
          .filter((row) => JSON.stringify(row.value) !== JSON.stringify(row.default));
        context.answer({ changed, unknown }, () =>
          [
            ...changed.map(
              (row) =>
                `${row.key} = ${formatValue(row.value as TomlValue)}  # default ${formatValue(row.default as TomlValue)}`,
            ),
            ...unknown.map((key) => `${key}  # unknown`),
          ].join("\n"),
        );
      }),
    );
  valueFlags(diff, { "-o, --output <form>": "text or json" });

  const migrate = config
    .command("migrate [version] [file]")
    .description(
      "bring app, config or client to the form of this release: known values stay, unknown keys go, comments are written anew",
    )
    .action(
      run((context, version: string | undefined, name: string = "app") => {
        if (version !== undefined && ![VERSION, COSMOS_SDK_VERSION, minorOf(COSMOS_SDK_VERSION)].includes(version)) {
          throw new Error(`version is ${version}, want ${VERSION} or ${minorOf(COSMOS_SDK_VERSION)}`);
        }
        const file = fileNamed(context, name);
        const { values, unknown, origins } = load(file, {});
        for (const key of unknown) context.io.err(`${key} is dropped: ${file.schema.file} has no such key`);
        for (const [key, origin] of Object.entries(origins)) {
          if (origin === "default") context.io.err(`${key} is added: ${formatValue(values[key] as TomlValue)}`);
        }
        const migrated = renderToml(file.schema, values);
        if (context.flags.is("stdout")) context.io.out(migrated.trimEnd());
        else writeFileAtomically(file.path, migrated, 0o644);
      }),
    );
  boolFlags(migrate, { "--stdout": "print the file and leave the one that is there" });

  config
    .command("home")
    .description("show the home of the node")
    .action(run(({ home, io }) => io.out(home.root)));
};
