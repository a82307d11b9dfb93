import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { operations } from "../simulate/operations/index.ts";
import { createRandom } from "../simulate/random.ts";
import { simulate } from "../simulate/simulation.ts";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "..", "simulate", "run.ts");

describe("simulation", () => {
  it("keeps every invariant over random operations, and most of them succeed", async () => {
    const { txs, succeeded } = await simulate({ seed: 1001, blocks: 40, operations });
    expect(txs).toBeGreaterThan(100);
    expect(succeeded / txs).toBeGreaterThan(0.5);
  });

  it("a restart before every block, another time zone, locale and stack size do not show", async () => {
    const hashes = async (flags: readonly string[], args: readonly string[], env: NodeJS.ProcessEnv) =>
      (
        await run(process.execPath, [...flags, PROGRAM, "--seed", "1002", "--blocks", "15", "--hashes", ...args], {
          env: { ...process.env, ...env },
        })
      ).stdout;
    const plain = await hashes([], [], {});
    expect(plain.split("\n").length).toBeGreaterThan(15);
    const restarted = await hashes(["--stack-size=600"], ["--restart"], {
      TZ: "Pacific/Kiritimati",
      LANG: "tr_TR.UTF-8",
    });
    expect(restarted).toBe(plain);
  });

  it("a seed gives the same numbers again", () => {
    const draw = () => {
      const random = createRandom(7);
      return [
        random.below(10),
        random.between(5, 9),
        random.amount(1n, 10n ** 20n),
        random.chance(50),
        random.bytes(4),
      ];
    };
    expect(draw()).toEqual(draw());
  });
});
