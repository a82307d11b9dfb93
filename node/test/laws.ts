import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" }, seed: { type: "string" } } });
const numberOf = (name: string, text: string): number => {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`--${name} is "${text}", want a number of at most 9 digits`);
  return Number(text);
};
const seeds =
  values.seed === undefined
    ? Array.from({ length: numberOf("rounds", values.rounds) }, () => randomInt(1, 10 ** 9))
    : [numberOf("seed", values.seed)];
const files = globSync("{proto,modules,client,node,localnet}/**/*.test.ts", {
  exclude: (path) => path.includes("node_modules"),
}).filter((path) => readFileSync(path, "utf8").includes('from "fast-check"'));

for (const [round, seed] of seeds.entries()) {
  console.log(`round ${round + 1} of ${seeds.length}, seed ${seed}, ${files.length} files`);
  const run = spawnSync("npx", ["vitest", "run", ...files], {
    stdio: "inherit",
    env: { ...process.env, LAWS_SEED: String(seed) },
  });
  if (run.status !== 0) {
    console.error(`a law does not hold; once more with: npm run laws -- --seed ${seed}`);
    process.exit(1);
  }
}
