/**
 * Plays the end-to-end scenarios, one after another, against real networks. `--slice`: only the bounded part for every
 * change. Other arguments are parts of names: only those scenarios. Exit code 1 when one of them failed.
 */
import { readdirSync } from "node:fs";
import { locateTool } from "@interfirm/node/comet/locate";
import type { Scenario } from "./scenario.ts";
import { play } from "./stage.ts";

const args = process.argv.slice(2);
const bounded = args.includes("--slice");
const wanted = args.filter((arg) => !arg.startsWith("--"));

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".e2e.ts"));
const all = await Promise.all(
  files
    .sort((a, b) => (a < b ? -1 : 1))
    .map(async (file) => (await import(`./${file}`)) as { readonly scenarios: readonly Scenario[] }),
);
const scenarios = all
  .flatMap((module) => module.scenarios)
  .filter(
    ({ name, slice }) => (slice || !bounded) && (wanted.length === 0 || wanted.some((part) => name.includes(part))),
  );
if (scenarios.length === 0) throw new Error(`no scenario is named like ${wanted.join(", ")}`);

await locateTool("cometbft");
const write = (line: string) => void process.stdout.write(`${line}\n`);
let failed = 0;
for (const scenario of scenarios) {
  write(`▶ ${scenario.name}`);
  const { failure, seconds } = await play(scenario, bounded, (what) => write(`    ${what}`));
  if (failure) {
    failed++;
    write(`✗ ${scenario.name} (${seconds} s): ${failure.message}`);
  } else write(`✓ ${scenario.name} (${seconds} s)`);
}
write(failed === 0 ? `all ${scenarios.length} scenarios passed` : `${failed} of ${scenarios.length} scenarios failed`);
process.exitCode = failed === 0 ? 0 : 1;
