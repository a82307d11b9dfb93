/**
 * `npm run simulate`: random operations of all modules on the real application, 20 seeds of 200 blocks.
 *
 *     npm run simulate -- --seed 7 --blocks 500     one seed
 *     npm run simulate -- --seeds 3 --blocks 100    a slice
 *     npm run simulate -- --restart                 opens the database again before every block: same hashes
 *     npm run simulate -- --hashes                  prints the app hash of every block
 *
 * A failure names its seed; the seed reproduces it.
 */
import { parseArgs } from "node:util";
import { operations } from "./operations/index.ts";
import { type Outcomes, simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "20" },
    blocks: { type: "string", default: "200" },
    restart: { type: "boolean", default: false },
    hashes: { type: "boolean", default: false },
    outcomes: { type: "boolean", default: false },
  },
});

function wholeNumber(name: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`--${name} is ${text}, want a whole number`);
  return Number(text);
}

const blocks = wholeNumber("blocks", values.blocks);
const seeds =
  values.seed === undefined
    ? Array.from({ length: wholeNumber("seeds", values.seeds) }, (_, i) => i + 1)
    : [wholeNumber("seed", values.seed)];

const isTerminal = process.stderr.isTTY === true;

function printOutcomes(outcomes: Outcomes): void {
  for (const [operation, counts] of [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = [...counts].map(([key, count]) => `${key} ${count}`).join(", ");
    console.log(`    ${operation}: ${text}`);
  }
}

let failures = 0;
for (const seed of seeds) {
  try {
    const { appHash, height, txs, succeeded, outcomes } = await simulate({
      seed,
      blocks,
      operations,
      restart: values.restart,
      onBlock(progress) {
        if (values.hashes) console.log(`${progress.height} ${progress.appHash}`);
        else if (isTerminal)
          process.stderr.write(
            `\rseed ${seed}: block ${progress.height} of ${blocks}, ${progress.validators} validators `,
          );
      },
    });
    if (isTerminal) process.stderr.write("\r\x1b[K");
    console.log(`seed ${seed}: ${height} blocks, ${txs} transactions, ${succeeded} succeeded, app hash ${appHash}`);
    if (values.outcomes) printOutcomes(outcomes);
  } catch (error) {
    failures++;
    console.error(`seed ${seed} failed: ${(error as Error).stack}`);
    console.error(
      `again with: npm run simulate -- --seed ${seed} --blocks ${blocks}${values.restart ? " --restart" : ""}`,
    );
  }
}
process.exitCode = failures === 0 ? 0 : 1;
