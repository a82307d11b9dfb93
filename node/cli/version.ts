import { readFileSync } from "node:fs";
import { buildCommit } from "../config/commit.ts";
import { COSMOS_SDK_VERSION, VERSION } from "../config/version.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Register } from "./program.ts";

/** Dependencies of @interfirm/node as package.json pins them. */
function dependencies(): readonly string[] {
  const source = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const parsed = JSON.parse(source) as { readonly dependencies?: Readonly<Record<string, string>> };
  return Object.entries(parsed.dependencies ?? {}).map(([name, version]) => `${name}@${version}`);
}

export const register: Register = (program, run) => {
  const command = program
    .command("version")
    .description("say what this is")
    .action(
      run(async ({ flags, io }) => {
        const form = flags.text("output") ?? "text";
        if (!flags.is("long") && form !== "json") {
          io.out(VERSION);
          return;
        }
        const { COMETBFT_VERSION } = await import("../comet/locate.ts");
        const info = {
          name: "interfirm",
          server_name: "interfirmd",
          version: VERSION,
          commit: buildCommit(),
          build_tags: "",
          go: "",
          node: process.version,
          cometbft: COMETBFT_VERSION,
          cosmos_sdk_version: COSMOS_SDK_VERSION,
          ...(flags.is("long") ? { build_deps: dependencies() } : {}),
        };
        const lines = Object.entries(info).map(([key, value]) =>
          Array.isArray(value) ? [`${key}:`, ...value.map((item) => `- ${item}`)].join("\n") : `${key}: ${value}`,
        );
        io.out(form === "json" ? JSON.stringify(info) : lines.join("\n"));
      }),
    );
  boolFlags(command, { "--long": "with all that it is made of" });
  valueFlags(command, { "-o, --output <form>": "text or json" });
};
