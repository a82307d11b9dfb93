import { globSync } from "node:fs";
import { errorCatalogue, InterfirmError } from "@interfirm/client";
import { errorCodes } from "@interfirm/modules/kernel/errors";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { expect, test } from "vitest";

const modules = new URL("../../modules/", import.meta.url);
const tables = globSync("*/errors.ts", { cwd: modules }).filter((path) => !path.startsWith("kernel/"));

async function rowsOf(path: string) {
  const { fail } = await import(/* @vite-ignore */ new URL(path, modules).href);
  return errorCodes(fail);
}

test.each(["sdk", ...tables])("the client has a name and a hint for every error of %s, or for none", async (path) => {
  const { codespace, rows } = path === "sdk" ? errorCodes(sdkError) : await rowsOf(path);
  if (!Object.hasOwn(errorCatalogue, codespace)) return;
  const named = rows.map(({ code }) => {
    const { name, hint } = new InterfirmError({ codespace, code, rawLog: "x" });
    return { code, name, hint: hint !== "see the message" };
  });
  expect(named).toEqual(rows.map(({ name, code }) => ({ code, name, hint: true })));
});
