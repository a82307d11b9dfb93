import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { TestChain } from "./chain.ts";
import { runSequence } from "./sequence.ts";

const program = fileURLToPath(new URL("./sequence.ts", import.meta.url));
const golden = readFileSync(new URL("./testdata/sequence.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");

interface Ended {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
}

/** Runs the sequence in another process. */
async function run(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeArgs, program, ...args], {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  expect(code ?? signal).toSatisfy((end) => end === 0 || end === "SIGKILL");
  return { lines: output.trimEnd().split("\n"), signal };
}

describe("determinism", () => {
  // These lines change only with a change that breaks consensus, which the CHANGELOG then names.
  it("a fixed sequence of blocks has its golden app hashes and results", async () => {
    expect(await runSequence()).toEqual(golden);
  });

  it("restarts between blocks, checks and proposals do not show", async () => {
    expect(await runSequence({ restart: true })).toEqual(golden);
    expect(await runSequence({ checked: true })).toEqual(golden);
    expect(await runSequence({ restart: true, checked: true })).toEqual(golden);
  });

  it("time zone, locale, stack size and compiler do not show", async () => {
    const twins = await Promise.all([
      run([], [], { TZ: "Pacific/Chatham", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }),
      run(["checked"], ["--stack-size=400"], { TZ: "UTC", LANG: "C", LC_ALL: "C" }),
      run(["restart"], ["--no-opt", "--max-lazy"], { TZ: "America/St_Johns", LANG: "sv_SE.UTF-8" }),
    ]);
    for (const { lines } of twins) expect(lines).toEqual(golden);
  });
});

describe("crash points", () => {
  const heights = golden.map((line) => line.split(" ")[1]);

  /** The height that a killed process left on disk, whose app hash is the golden one. */
  async function heightIn(home: string): Promise<number> {
    const chain = await TestChain.resume({ home });
    const height = Number(chain.store.version);
    if (height > 0) expect(Buffer.from(chain.store.appHash).toString("hex")).toBe(heights[height - 1]);
    await chain.store.close();
    return height;
  }

  it.each([
    ["finalized", [1, 2]],
    ["committing", [1, 6]],
    ["committed", [1, 8]],
  ] as const)("killed when %s, the node has the height before or after, whole, and goes on", async (point, killed) => {
    const home = mkdtempSync(join(tmpdir(), "interfirm-crash-"));
    try {
      for (const height of killed) {
        const { signal } = await run([`home=${home}`, `kill=${point}:${height}`]);
        expect(signal).toBe("SIGKILL");
        const left = await heightIn(home);
        if (point === "finalized") expect(left).toBe(height - 1);
        else if (point === "committed") expect(left).toBe(height);
        else expect([height - 1, height]).toContain(left);
      }
      const left = await heightIn(home);
      expect((await run([`home=${home}`])).lines).toEqual(golden.slice(left));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
