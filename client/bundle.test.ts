import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

/** What an application pays over the wire, minified and compressed, in bytes: README.md names these figures, rounded. */
const SIZES: readonly (readonly [code: string, most: number])[] = [
  [`export * from "./index.ts";`, 420_000],
  [`export { walletFromMnemonic } from "./index.ts";`, 120_000],
  [`export { adr36 } from "./index.ts";`, 120_000],
  [`export { formatCoin, parseCoin } from "./index.ts";`, 1_000],
  [`export { MsgSettle } from "@interfirm/proto/gen/interfirm/agreements/v1";`, 20_000],
];

const bundle = (code: string) =>
  build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });

describe("in browsers", () => {
  test("the whole package bundles without externals or polyfills", async () => {
    const { metafile, warnings } = await bundle(`export * from "./index.ts";`);
    const inputs = Object.keys(metafile.inputs);
    expect(warnings).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(inputs.filter((path) => /(^|\/)(buffer|readable-stream|process|crypto-browserify)\//.test(path))).toEqual(
      [],
    );
  }, 60_000);

  test.each(SIZES)(
    "%s costs less than %i bytes",
    async (code, most) => {
      const { outputFiles } = await bundle(code);
      expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(most);
    },
    60_000,
  );

  test("our own files name neither Buffer nor Node's built-ins", async () => {
    const { metafile } = await bundle(`export * from "./index.ts";`);
    const own = Object.keys(metafile.inputs).filter((path) => /^(client|proto)\/(?!.*node_modules)/.test(path));
    expect(own.length).toBeGreaterThan(20);
    const code = (path: string) => readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    expect(own.filter((path) => /\bBuffer\b|\bprocess\.|from "node:|\brequire\(/.test(code(path)))).toEqual([]);
  }, 60_000);

  test("it runs where Buffer, process and require do not exist", async () => {
    const { outputFiles } = await bundle(`
      import { walletFromKey, adr36, decodeTx, msgs } from "./index.ts";
      const wallet = walletFromKey(new Uint8Array(32).fill(7), { prefix: "firm" });
      const signature = await adr36.sign(wallet, wallet.address, "hello");
      const message = msgs.bank.send({ fromAddress: wallet.address, amount: [{ denom: "ufirm", amount: 5n }] });
      self.result = [wallet.address, adr36.verify(wallet.address, "hello", signature), String(message.value.amount[0].amount)];
    `);
    const self: { result?: unknown } = {};
    const context = createContext({
      self,
      window: self,
      TextEncoder,
      TextDecoder,
      URL,
      AbortController,
      setTimeout,
      clearTimeout,
      crypto,
    });
    await runInContext(`(async () => {${outputFiles[0]!.text}})()`, context);
    expect(self.result).toEqual([expect.stringMatching(/^firm1/), true, "5"]);
  }, 60_000);
});
