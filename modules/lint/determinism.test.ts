import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromDigits } from "@interfirm/proto/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** What consensus code may not say, and what the linter answers. One line, one rule. */
const forbidden: readonly (readonly [code: string, message: string])[] = [
  ['export const x = "a".localeCompare("b");', "localeCompare depends on ICU"],
  ["export const x = (1).toLocaleString();", "Locale and Unicode tables"],
  ['export const x = "I".toLocaleLowerCase();', "Locale and Unicode tables"],
  ['export const x = "e".normalize("NFC");', "Locale and Unicode tables"],
  ["export const x = (1).toFixed(2);", "No floating point"],
  ["export const x = Math.random();", "no randomness"],
  ['export const x = Math["random"]();', "by its full name"],
  ["const { random } = Math; export const x = random();", "by its full name"],
  ["const M = Math; export const x = M.random();", "by its full name"],
  ["export const x = [1].map(Math.sqrt);", "floating-point functions"],
  ["export const x = Math.SQRT2;", "floating-point functions"],
  ["export const x = 1 / 3;", "quotient of numbers"],
  ["export const x = 5.;", "No floating point"],
  ["export let x = 2; x **= 3;", "floating point: use bigint"],
  ["export let x = 2; x /= 3;", "floating point: use bigint"],
  ["export const x = Number.EPSILON;", "No floating point"],
  ["export const x = new Float64Array(1);", "global variable Float64Array."],
  ["export const x = (v: DataView) => v.getFloat64(0);", "No floating point"],
  ['export const x = Number["parseFloat"]("1");', "by its plain name"],
  ['export const x = parseInt("1", 10);', "global variable parseInt."],
  ['export const x = Number.parseInt("1", 10);', "parse strictly"],
  ["export const x = (s: string[]) => s.map(BigInt);", "takes any text"],
  ["export const x = Math.log2(8);", "floating-point functions"],
  ["export const x = 1 + 0.5;", "No floating point"],
  ["export const x = 1e-3;", "No floating point"],
  ['export const x = Number.parseFloat("1");', "No floating point"],
  ['export const x = parseFloat("1");', "global variable parseFloat."],
  ["export const x = (a: number) => 10 ** a;", "floating point: use bigint"],
  ["export const x = [2, 1].sort();", "without a comparator"],
  ["export const x = [2, 1].toSorted();", "without a comparator"],
  ["export const x = [2, 1].sort(undefined);", "without a comparator"],
  ["export const x = (a?: number[]) => a?.sort();", "without a comparator"],
  ["export const x = Array.prototype.sort.call([2, 1]);", "on the array itself"],
  ['export const x = [2, 1]["sort"]();', "by its plain name"],
  ['export const x = "a"["localeCompare"]("b");', "by its plain name"],
  ['export const x = ["a"].map(String.prototype.localeCompare);', "localeCompare depends on ICU"],
  ["export const x = /\\p{L}/u;", "Unicode tables"],
  ['export const x = new RegExp("a");', "as a literal"],
  ["export async function x() {}", "synchronous"],
  ["export const x = async () => 1;", "synchronous"],
  ["export const x = { async y() {} };", "synchronous"],
  ["export class X { async y() {} }", "synchronous"],
  ["export const x = async function () {};", "synchronous"],
  ["export async function x(p: number) { await p; }", "synchronous"],
  ["export async function x(p: number[]) { for await (const y of p) { y; } }", "synchronous"],
  ['export const x = import("y");', "synchronous"],
  ["export default async function () {}", "synchronous"],
  ["export async function* x() {}", "synchronous"],
  ["export class X { y = async () => 1; }", "synchronous"],
  ["export const x = Array.fromAsync([1]);", "synchronous"],
  ["export const x = Symbol.asyncIterator;", "synchronous"],
  ["export const x = new MessageChannel();", "global variable MessageChannel."],
  ["export const x = AbortSignal.timeout(1);", "global variable AbortSignal."],
  ["export const x = Promise.resolve(1);", "global variable Promise."],
  ["setTimeout(() => {}, 1);", "global variable setTimeout."],
  ["queueMicrotask(() => {});", "global variable queueMicrotask."],
  ["for (const x in {}) { x; }", "Order of properties"],
  ["export const x = Object.keys({});", "Order of properties"],
  ["export const x = Object.entries({});", "Order of properties"],
  ["export const x = Object.getOwnPropertyNames({});", "Order of properties"],
  ["const { keys } = Object; export const x = keys({});", "by its full name"],
  ["export const x = Reflect.ownKeys({});", "global variable Reflect."],
  ["export const x = [{}].map((a) => JSON.stringify(a));", "depends on property order"],
  ["const { stringify } = JSON; export const x = stringify({});", "by its full name"],
  ["export const x = JSON.stringify({});", "depends on property order"],
  ["export const x = Date.now();", "global variable Date."],
  ["export const x = new Date();", "global variable Date."],
  ["export const x = performance.now();", "global variable performance."],
  ["export const x = new Intl.NumberFormat();", "global variable Intl."],
  ["export const x = process.env;", "global variable process."],
  ['fetch("x");', "global variable fetch."],
  ['export const x = Buffer.from("a");', "global variable Buffer."],
  ["export const x = new WeakRef({});", "global variable WeakRef."],
  ["export const x = new SharedArrayBuffer(1);", "global variable SharedArrayBuffer."],
  ['export const x = (global as never)["Date"];', "global variable global."],
  ['export const x = (globalThis as never)["Date"];', "global variable globalThis."],
  ['export const x = new Function("return 1");', "global variable Function."],
  ["export const x = new WebAssembly.Memory({ initial: 1 });", "global variable WebAssembly."],
  ['export const x = new Error("a").stack;', "differs between builds"],
  ["export const x = import.meta.url;", "where it is run from"],
  ['import fs from "node:fs"; export const x = fs;', "no Node built-ins"],
  ['import "node:fs";', "no Node built-ins"],
  ['export * from "fs/promises";', "no Node built-ins"],
  ['import { setTimeout as x } from "timers"; export { x };', "no Node built-ins"],
  ['import { Level } from "level"; export { Level };', "few dependencies"],
  ['import x from "@interfirm/client"; export { x };', "few dependencies"],
  ['import x from "@interfirm/node/app/app"; export { x };', "few dependencies"],
  ['import x from "../../node/app/app.ts"; export { x };', "nothing of the shell"],
];

/** What must stay allowed, or the rules would be in the way. */
const allowed: readonly string[] = [
  "export const x = [2, 1].sort((a, b) => a - b);",
  "export const x = 10n ** 18n;",
  "export const x = Math.max(1, 2) + 1e6 + 0x1e;",
  "export const x = (a: number) => Math.floor(a / 2);",
  'export const x = JSON.parse("1");',
  'import { sha256 } from "@noble/hashes/sha2.js"; export { sha256 };',
  'export const x = "ab".toLowerCase();',
];

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const biome = join(dirname(createRequire(import.meta.url).resolve("@biomejs/biome/package.json")), "bin", "biome");

interface Report {
  readonly diagnostics: readonly {
    readonly category: string | null;
    readonly message: string;
    readonly location: { readonly path: string };
  }[];
}

describe("the determinism rules", () => {
  // Below modules/, so that the rules apply, in a folder that git never sees.
  let folder = "";
  let found = new Map<string, string[]>();

  beforeAll(() => {
    folder = mkdtempSync(join(here, "probe-"));
    mkdirSync(folder, { recursive: true });
    forbidden.forEach(([code], i) => {
      writeFileSync(join(folder, `forbidden-${i}.ts`), `${code}\n`);
    });
    allowed.forEach((code, i) => {
      writeFileSync(join(folder, `allowed-${i}.ts`), `${code}\n`);
    });
    let output: string;
    try {
      output = execFileSync(process.execPath, [biome, "lint", "--reporter=json", "--max-diagnostics=none", folder], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch (error) {
      output = (error as { stdout: string }).stdout;
    }
    found = new Map();
    for (const { message, location } of (JSON.parse(output) as Report).diagnostics) {
      const file = location.path.slice(location.path.lastIndexOf("/") + 1);
      found.set(file, [...(found.get(file) ?? []), message]);
    }
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(forbidden.map(([code, message], i) => [code, message, i] as const))("refuses %s", (_, message, i) => {
    expect(found.get(`forbidden-${i}.ts`) ?? []).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  it.each(allowed.map((code, i) => [code, i] as const))("allows %s", (_, i) => {
    expect(found.get(`allowed-${i}.ts`) ?? []).toEqual([]);
  });
});

it("has a type that refuses BigInt of text, which no pattern sees", () => {
  const text = "0x10";
  // @ts-expect-error: proto/bigint.d.ts wants fromDigits here
  const lenient: bigint = BigInt(text);
  expect(lenient).toBe(16n);
  expect(() => fromDigits(text)).toThrow("want at most 95 decimal digits");
});
