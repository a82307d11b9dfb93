import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appToml } from "./app-toml.ts";
import { clientToml } from "./client-toml.ts";
import { cometToml } from "./comet-toml.ts";
import { writeFileAtomically } from "./files.ts";
import type { Genesis } from "./genesis.ts";
import { findHome } from "./home.ts";
import { loadConfig } from "./load.ts";
import { checkAppConfig, checkChainId, checkCometConfig, checkGasPrices } from "./preflight.ts";
import { durationMs, environmentName, type Schema, splitKey } from "./schema.ts";
import { renderToml, setTomlValue } from "./toml.ts";

/** All three, whatever their keys. */
const schemas: readonly Schema[] = [appToml, cometToml, clientToml];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileWith = (content: string): string => {
  const path = join(folder, "file.toml");
  writeFileSync(path, content);
  return path;
};
const load = (content: string, env = {}, flags = {}) => loadConfig(appToml, { path: fileWith(content), env, flags });

describe("files", () => {
  it.each(schemas)("$file holds every key with its default", (schema) => {
    const { values, unknown } = loadConfig(schema, { path: fileWith(renderToml(schema)), env: {} });
    expect(values).toEqual(
      Object.fromEntries(Object.entries(schema.entries).map(([key, entry]) => [key, entry.default])),
    );
    expect(unknown).toEqual([]);
  });

  it.each(schemas)("$file has a comment above every key, and defaults that pass its checks", (schema) => {
    for (const [key, entry] of Object.entries(schema.entries)) {
      expect(entry.comment, key).not.toBe("");
      expect(entry.check?.(entry.default), key).toBeUndefined();
    }
  });

  it("config.toml has the keys that CometBFT 0.38.26 writes, under its names", () => {
    const written = parse(renderToml(cometToml)) as Record<string, Record<string, unknown>>;
    expect(Object.keys(written["consensus"]!)).toContain("timeout_commit");
    expect(Object.keys(written["mempool"]!)).toContain("keep-invalid-txs-in-cache");
    expect(Object.keys(cometToml.entries)).toHaveLength(101);
    expect(written["mempool"]!["max_txs_bytes"]).toBe(64 * 1024 * 1024);
    expect(written["rpc"]!["pprof_laddr"]).toBe("");
  });

  it("replaces a file as a whole and keeps it private", () => {
    const path = join(folder, "secret");
    writeFileAtomically(path, "one");
    writeFileAtomically(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("order of sources", () => {
  it("takes flag over environment over file over default, and says which", () => {
    const file = '[api]\naddress = "tcp://file:1"\nenable = true\n';
    const env = { INTERFIRMD_API_ADDRESS: "tcp://env:1", INTERFIRMD_HALT_HEIGHT: "7" };
    const { values, origins } = load(file, env, { "api.address": "tcp://flag:1" });
    expect(values["api.address"]).toBe("tcp://flag:1");
    expect(values["halt-height"]).toBe(7);
    expect(values["api.enable"]).toBe(true);
    expect(values["grpc.enable"]).toBe(true);
    expect(origins).toMatchObject({
      "api.address": "flag",
      "halt-height": "environment",
      "api.enable": "file",
      "grpc.enable": "default",
    });
  });

  it("names environment variables as the SDK does", () => {
    expect(environmentName("state-sync.snapshot-interval")).toBe("INTERFIRMD_STATE_SYNC_SNAPSHOT_INTERVAL");
    expect(environmentName("statesync.trust_height")).toBe("INTERFIRMD_STATESYNC_TRUST_HEIGHT");
  });

  it("finds the home by flag, environment and default", () => {
    expect(findHome("/a", { INTERFIRMD_HOME: "/b", HOME: "/c" }).root).toBe("/a");
    expect(findHome(undefined, { INTERFIRMD_HOME: "/b", HOME: "/c" }).root).toBe("/b");
    expect(findHome(undefined, { HOME: "/c" }).root).toBe("/c/.interfirm");
  });

  it("reports keys that nobody knows", () => {
    expect(load("[api]\nenabel = true\n").unknown).toEqual(["api.enabel"]);
  });

  it.each([
    ["halt-height = -1\n", "halt-height in .* is -1, want at least 0"],
    ["halt-height = true\n", "is true, want a whole number"],
    ['pruning = "some"\n', 'is "some", want one of default, nothing, everything, custom'],
    ["= 1", "is not TOML"],
  ])("refuses %j", (content, message) => {
    expect(() => load(content)).toThrow(new RegExp(message));
  });

  it("names the variable or the flag that is wrong", () => {
    expect(() => load("", { INTERFIRMD_API_ENABLE: "maybe" })).toThrow(
      'INTERFIRMD_API_ENABLE is "maybe", want true or false',
    );
    expect(() => load("", {}, { "halt-time": "soon" })).toThrow('--halt-time is "soon", want a whole number');
  });
});

it.each([
  ["168h0m0s", 604_800_000],
  ["1m30.5s", 90_500],
  ["500ms", 500],
  ["0", 0],
])("%s is %i milliseconds", (text, milliseconds) => {
  expect(durationMs(text)).toBe(milliseconds);
});

describe("changing one value", () => {
  const source =
    '# top\nmoniker = "a" # name\n\n[rpc]\n# where\nladdr = "x"\nlist = [\n  "a", # ]\n  "b",\n]\n\n[p2p]\nladdr = "y"\n';

  it("changes that line and nothing else", () => {
    expect(setTomlValue(source, "p2p.laddr", "z")).toBe(source.replace('laddr = "y"', 'laddr = "z"'));
    expect(setTomlValue(source, "rpc.list", ["c"])).toBe(source.replace(/list = \[[\s\S]*?\n\]/, 'list = ["c"]'));
  });

  it("adds a key to its section, and a section to the file", () => {
    expect((parse(setTomlValue(source, "rpc.unsafe", true)) as { rpc: object }).rpc).toMatchObject({ unsafe: true });
    expect(parse(setTomlValue(source, "mempool.size", 7))).toMatchObject({ mempool: { size: 7 } });
    expect(parse(setTomlValue(source, "log_level", "info"))).toMatchObject({ log_level: "info" });
  });

  it("law: what is set is read back, and all else stays", () => {
    const keys = Object.keys(cometToml.entries).filter((key) => cometToml.entries[key as "moniker"].kind === "text");
    const whole = renderToml(cometToml);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ unit: "binary", maxLength: 20 }), (key, value) => {
        const before = parse(whole) as Record<string, Record<string, unknown>>;
        const after = parse(setTomlValue(whole, key, value)) as Record<string, Record<string, unknown>>;
        const [section, name] = splitKey(key);
        const place = section === "" ? after : after[section]!;
        expect(place[name]).toBe(value);
        (section === "" ? (before as Record<string, unknown>) : before[section]!)[name] = value;
        expect(after).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });
});

describe("what a node must not start with", () => {
  const config = (changes: object) => ({ ...load("").values, "minimum-gas-prices": "0ufirm", ...changes });

  it.each([
    [{ "minimum-gas-prices": "" }, "minimum-gas-prices is empty"],
    [{ "minimum-gas-prices": "ufirm" }, "want amount and denomination"],
    [
      { pruning: "custom", "pruning-keep-recent": "1", "pruning-interval": "10" },
      "pruning-keep-recent is 1, want at least 2",
    ],
    [
      { pruning: "custom", "pruning-keep-recent": "2", "pruning-interval": "9" },
      "pruning-interval is 9, want at least 10",
    ],
    [{ pruning: "everything", "state-sync.snapshot-interval": 5 }, "snapshots need older versions"],
  ])("%j", (changes, message) => {
    expect(() => checkAppConfig(config(changes))).toThrow(message);
  });

  it("a profiler or unsafe calls in public", () => {
    const comet = (changes: object) => ({
      ...loadConfig(cometToml, { path: fileWith(""), env: {} }).values,
      ...changes,
    });
    expect(() => checkCometConfig(comet({ "rpc.pprof_laddr": "0.0.0.0:6060" }))).toThrow(
      "a profiler must not be public",
    );
    expect(() => checkCometConfig(comet({ "rpc.unsafe": true, "rpc.laddr": "tcp://0.0.0.0:26657" }))).toThrow(
      "rpc.unsafe is true",
    );
    expect(() => checkCometConfig(comet({ "rpc.unsafe": true, "rpc.pprof_laddr": "localhost:6060" }))).not.toThrow();
  });

  it("a genesis file of another chain than that of the state", () => {
    const genesis = { chain_id: "deals-1" } as Genesis;
    expect(() => checkChainId("genesis.json", genesis, "deals-2")).toThrow(
      "genesis.json is of chain deals-1 and the data are of deals-2: put the right genesis file there",
    );
    expect(() => checkChainId("genesis.json", genesis, "deals-1")).not.toThrow();
    expect(() => checkChainId("genesis.json", genesis, undefined)).not.toThrow();
  });

  it("takes prices with decimals, and several", () => {
    expect(() => checkGasPrices("0.025ufirm,1uusd")).not.toThrow();
    expect(() => checkAppConfig(config({}))).not.toThrow();
  });
});
