import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { privateSocket } from "./private-socket.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ifs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = ({ address }: { readonly address: string }) => address.slice("unix://".length);
const long = `/${"x".repeat(120)}`;

describe("socket of the application", () => {
  it("stands in the home where its path fits", () => {
    expect(privateSocket(folder).address).toBe(`unix://${folder}/abci.sock`);
  });

  it("stands in a private folder otherwise, the same each time, and leaves nothing behind", () => {
    const socket = privateSocket(long, folder);
    const own = dirname(pathOf(socket));
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(pathOf(socket).length).toBeLessThanOrEqual(103);
    expect(privateSocket(long, folder).address).toBe(socket.address);
    expect(privateSocket(`${long}y`, folder).address).not.toBe(socket.address);
    socket.remove();
    expect(existsSync(own)).toBe(false);
  });

  it("keeps away from a folder that others can write", () => {
    const trap = dirname(pathOf(privateSocket(long, folder)));
    rmSync(trap, { recursive: true });
    mkdirSync(trap);
    chmodSync(trap, 0o777);
    expect(dirname(pathOf(privateSocket(long, folder)))).not.toBe(trap);
  });
});
