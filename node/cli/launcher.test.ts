import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VERSION } from "../config/version.ts";
import { createTerminal } from "./testing.ts";

const LAUNCHER = fileURLToPath(new URL("../bin/interfirmd", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-bin-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("bin/interfirmd", () => {
  it("runs through a chain of symbolic links, from any folder, on Node 24", () => {
    symlinkSync(LAUNCHER, join(folder, "one"));
    symlinkSync("one", join(folder, "two"));
    const { stdout, status } = spawnSync(join(folder, "two"), ["version", "-o", "json"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      server_name: "interfirmd",
      version: VERSION,
      node: expect.stringMatching(/^v24\./),
    });
  });

  it("says what to do where there is no Node 24", () => {
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "interfirmd"), readFileSync(LAUNCHER), { mode: 0o755 });
    writeFileSync(join(folder, "node"), "#!/bin/sh\necho v20.19.0\n", { mode: 0o755 });
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    const { stderr, status } = spawnSync(join(folder, "bin", "interfirmd"), ["version"], { env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toBe(
      "interfirmd needs Node 24 or newer and found v20.19.0: run npm ci in its folder, or put Node 24 on the PATH\n",
    );
  });

  it("has the version of its package", () => {
    const source = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    expect((JSON.parse(source) as { version: string }).version).toBe(VERSION);
  });
});

describe("start", () => {
  const lineOf = (child: ChildProcess, wanted: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let seen = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        seen += text;
        const line = seen.split("\n").find((candidate) => candidate.includes(wanted));
        if (line !== undefined) resolve(line);
      });
      child.once("exit", () => reject(new Error(`ended before "${wanted}": ${seen}`)));
    });

  it.each(["SIGTERM", "SIGQUIT"] as const)(
    "waits for a CometBFT outside, logs JSON on stdout and ends with 0 on %s",
    async (signal) => {
      const terminal = createTerminal();
      await terminal.out("init", "n1", "--chain-id", "deals-1");
      const args = [
        "start",
        "--with-comet=false",
        "--address",
        "tcp://127.0.0.1:0",
        "--log_format",
        "json",
        "--home",
        terminal.home,
      ];
      const child = spawn(LAUNCHER, args, { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const line = await lineOf(child, "abci server listens");
        expect(JSON.parse(line)).toMatchObject({ level: "info", module: "abci", message: "abci server listens" });
        const said = lineOf(child, "SIGHUP is without effect");
        const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
        child.kill("SIGHUP");
        await said;
        child.kill(signal);
        expect(await ended).toBe(0);
      } finally {
        child.kill("SIGKILL");
        terminal.remove();
      }
    },
  );

  it.each([
    [["--minimum-gas-prices", ""], "minimum-gas-prices is empty"],
    [["--pruning", "everything", "--state-sync.snapshot-interval", "5"], "snapshots need older versions"],
    [["--transport", "grpc"], "--transport is grpc, want socket"],
    [["--log_level", "loud"], 'log level is "loud"'],
    [["--halt-height", "soon"], '--halt-height is "soon", want a whole number'],
  ])("does not start with %j", async (flags, message) => {
    const terminal = createTerminal();
    await terminal.out("init", "n1");
    const { code, err } = await terminal.run("start", "--with-comet=false", ...flags);
    expect(code).toBe(1);
    expect(err).toContain(message);
    terminal.remove();
  });

  it("names the next step in an empty home", async () => {
    const terminal = createTerminal();
    expect(await terminal.run("start", "--with-comet=false")).toMatchObject({
      code: 1,
      err: expect.stringContaining("run interfirmd init first"),
    });
    terminal.remove();
  });
});
