import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { deal } from "./examples/deal.ts";
import { pay } from "./examples/pay.ts";
import { watch } from "./examples/watch.ts";
import { type FakeComet, startFakeComet } from "./testing/fake-comet.ts";
import { generateMnemonic, walletFromMnemonic } from "./wallet.ts";

const mnemonic = "special sign fit simple patrol salute grocery chicken wheat radar tonight ceiling";
const other = generateMnemonic();

const blocks = [
  ...readFileSync(`${import.meta.dirname}/README.md`, "utf8").matchAll(/^```ts( compile-only)?\n([\s\S]*?)^```$/gm),
].map(([, compileOnly, code]) => ({ runs: !compileOnly, code: code!.replaceAll(/your twenty-four words/g, mnemonic) }));

let comet: FakeComet;
let payee: string;
beforeAll(async () => {
  const address = (await walletFromMnemonic(mnemonic, { prefix: "firm" })).address;
  payee = (await walletFromMnemonic(other, { prefix: "firm" })).address;
  comet = await startFakeComet({ balances: { [address]: 10_000_000n, [payee]: 1n } });
  comet.keepCommitting(30);
});
afterAll(() => comet.stop());

describe("README", () => {
  test("its code compiles", () => {
    const folder = mkdtempSync(`${import.meta.dirname}/.readme-`);
    try {
      for (const [index, { code }] of blocks.entries()) writeFileSync(`${folder}/block-${index}.ts`, code);
      const compilerOptions = {
        noEmit: true,
        composite: false,
        declaration: false,
        types: ["node"],
        lib: ["es2023", "dom"],
      };
      writeFileSync(
        `${folder}/tsconfig.json`,
        JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions, include: ["*.ts"] }),
      );
      execFileSync(`${import.meta.dirname}/../node_modules/.bin/tsc`, ["-p", folder], { encoding: "utf8" });
    } catch (error) {
      throw new Error((error as { stdout?: string }).stdout ?? String(error), { cause: error });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  test.each(blocks.filter(({ runs }) => runs).map(({ code }, index) => [index, code] as const))(
    "block %i runs",
    async (index, code) => {
      const folder = `${import.meta.dirname}/.readme-run-${process.pid}`;
      mkdirSync(folder, { recursive: true });
      try {
        const file = `${folder}/${index}.ts`;
        writeFileSync(file, code.replaceAll("http://127.0.0.1:26657", comet.url));
        vi.spyOn(console, "log").mockImplementation(() => {});
        await import(/* @vite-ignore */ file);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    30_000,
  );
});

describe("examples", () => {
  test("pay", async () => {
    const before = comet.balanceOf(payee);
    await pay(comet.url, mnemonic, payee, "7ufirm");
    expect(comet.balanceOf(payee)).toBe(before + 7n);
  });

  test("deal, and what watching it tells", async () => {
    const fromHeight = BigInt(comet.height());
    const { agreement } = await deal(comet.url, mnemonic, other, "1000ufirm");
    expect(agreement).toMatchObject({ payee, status: 3, price: { denom: "ufirm", amount: 1000n } });
    const told: string[] = [];
    const stop = new AbortController();
    await watch(comet.url, fromHeight, (line) => told.push(line) === 3 && stop.abort(), stop.signal);
    const { id } = agreement;
    expect(told.map((line) => line.replace(/block \d+/, "block n"))).toEqual([
      `block n: agreement ${id} went from status 0 to 1`,
      `block n: agreement ${id} went from status 1 to 2`,
      `block n: agreement ${id} went from status 2 to 3`,
    ]);
  });
});
