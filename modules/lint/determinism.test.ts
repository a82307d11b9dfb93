import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** What consensus code may not say, and what the linter answers. One line, one rule. */
const forbidden: readonly (readonly [code: string, message: string])[] = [
  ['export const x = "a".localeCompare("b");', "localeCompare depends on ICU"],
  ["export const x = (1).toLocaleString();", "Locale and Unicode tables"],
  ['export const x = "I".toLocaleLowerCase();', "Locale and Unicode tables"],
  ['export const x = "e".normalize("NFC");', "Locale and Unicode tables"],
  ["export const x = (1).toFixed(2);", "No floating point"],
  ["export const x = Math.random();", "no randomness"],
  ["export const x = Math.log2(8);", "floating-point functions"],
  ["export const x = 1 + 0.5;", "No floating point"],
  ["export const x = 1e-3;", "No floating point"],
  ['export const x = Number.parseFloat("1");', "No floating point"],
  ['export const x = parseFloat("1");', "global variable parseFloat."],
  ["export const x = (a: number) => 10 ** a;", "floating point: use bigint"],
  ["export const x = [2, 1].sort();", "without a comparator"],
  ["export const x = [2, 1].toSorted();", "without a comparator"],
  ["export async function x() {}", "synchronous"],
  ["export const x = async () => 1;", "synchronous"],
  ["export const x = { async y() {} };", "synchronous"],
  ["export class X { async y() {} }", "synchronous"],
  ["export const x = async function () {};", "synchronous"],
  ["export async function x(p: number) { await p; }", "synchronous"],
  ["export async function x(p: number[]) { for await (const y of p) { y; } }", "synchronous"],
  ['export const x = import("y");', "synchronous"],
  ["export const x = Promise.resolve(1);", "global variable Promise."],
  ["setTimeout(() => {}, 1);", "global variable setTimeout."],
  ["queueMicrotask(() => {});", "global variable queueMicrotask."],
  ["for (const x in {}) { x; }", "Order of properties"],
  ["export const x = Object.keys({});", "Order of properties"],
  ["export const x = Object.entries({});", "Order of properties"],
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
  ['import fs from "node:fs"; export const x = fs;', "Node built-ins"],
  ['import x from "@interfirm/node/app/app"; export { x };', "nothing of the shell"],
];

/** What must stay allowed, or the rules would be in the way. */
const allowed: readonly string[] = [
  "export const x = [2, 1].sort((a, b) => a - b);",
  "export const x = 10n ** 18n;",
  "export const x = Math.max(1, 2) + 1e6 + 0x1e;",
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
