/** `interfirmd` in one of the builds of the upgrade drill: `drill-node.ts old|new|wrong start --home …`. */
import type { Build } from "@interfirm/node/cli/open-node";
import { run } from "@interfirm/node/cli/program";
import { firstBuild, secondBuild } from "@interfirm/node/test/builds";

const BUILDS: Readonly<Record<string, Build>> = {
  old: firstBuild,
  new: secondBuild,
  /** As the old one, but made for another plan. */
  wrong: (chain) => ({ ...firstBuild(chain), upgrades: [{ name: "v3" }] }),
};

const [name = "", ...args] = process.argv.slice(2);
const build = BUILDS[name];
if (!build) throw new Error(`build is ${name}, want one of ${Object.keys(BUILDS).join(", ")}`);
const refuse = () => Promise.reject(new Error("a drill asks no questions"));
process.exitCode = await run(args, {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  prompt: { secret: refuse, line: refuse, confirm: refuse },
  build,
});
