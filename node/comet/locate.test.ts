import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMETBFT_VERSION, locateTool } from "./locate.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "interfirm-locate-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** An executable shell script `folder/name`. */
function script(folder: string, name: string, body: string): string {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function terminal(): { output: NodeJS.WriteStream; text: () => string } {
  let text = "";
  const output = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  return { output: output as unknown as NodeJS.WriteStream, text: () => text };
}

/** The build scripts below need the tools of the system; `bin` comes first. */
const env = (extra: Record<string, string> = {}) => ({
  PATH: join(root, "bin"),
  XDG_CACHE_HOME: join(root, "cache"),
  ...extra,
});
const cached = () => join(root, "cache", "interfirm", "cometbft", COMETBFT_VERSION, "cometbft");
const goThatBuilds = `echo "$@" >> "${"$0"}.calls"; /bin/sleep 0.2; printf '#!/bin/sh\\n' > "$GOBIN/cometbft"; /bin/chmod +x "$GOBIN/cometbft"`;

describe("locateTool", () => {
  test("takes the one that the environment names", async () => {
    const named = script("else", "comet", "echo 0.38.99");
    expect(await locateTool("cometbft", { env: env({ INTERFIRMD_COMETBFT: named }) })).toBe(named);
  });

  test("refuses a named one that is not there or speaks another ABCI", async () => {
    const other = script("else", "comet", "echo 0.39.4");
    await expect(locateTool("cometbft", { env: env({ INTERFIRMD_COMETBFT: join(root, "none") }) })).rejects.toThrow(
      "want an executable file",
    );
    await expect(locateTool("cometbft", { env: env({ INTERFIRMD_COMETBFT: other }) })).rejects.toThrow(
      "names CometBFT 0.39.4, want 0.38",
    );
  });

  test("takes one on the PATH when its release is right, and the cached one otherwise", async () => {
    const onPath = script("bin", "cometbft", `echo ${COMETBFT_VERSION}`);
    expect(await locateTool("cometbft", { env: env() })).toBe(onPath);
    script("bin", "cometbft", "echo 0.37.1");
    script(join("cache", "interfirm", "cometbft", COMETBFT_VERSION), "cometbft", "");
    expect(await locateTool("cometbft", { env: env() })).toBe(cached());
  });

  test("builds it once, however many ask, and says so", async () => {
    const go = script("bin", "go", goThatBuilds);
    const { output, text } = terminal();
    const found = await Promise.all([1, 2, 3].map(() => locateTool("cometbft", { env: env(), output })));
    expect(found).toEqual([cached(), cached(), cached()]);
    expect(readFileSync(`${go}.calls`, "utf8")).toBe(
      `install github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}\n`,
    );
    expect(text()).toMatch(/^building cometbft 0\.38\.26 .* …\n.*: done after \d+ s\n$/);
    expect(readdirSync(join(cached(), ".."))).toEqual(["cometbft"]);
  });

  test("takes a lock over whose holder is dead", async () => {
    script("bin", "go", goThatBuilds);
    mkdirSync(join(cached(), ".."), { recursive: true });
    writeFileSync(`${cached()}.lock`, "2147483646\n");
    expect(await locateTool("cometbft", { env: env(), output: terminal().output })).toBe(cached());
    expect(existsSync(`${cached()}.lock`)).toBe(false);
  });

  test("gives up on a lock whose holder lives for too long", async () => {
    script("bin", "go", goThatBuilds);
    mkdirSync(join(cached(), ".."), { recursive: true });
    writeFileSync(`${cached()}.lock`, `${process.pid}\n`);
    await expect(locateTool("cometbft", { env: env(), lockTimeoutMs: 0 })).rejects.toThrow("for too long");
  });

  test("passes on why a build failed and leaves nothing behind", async () => {
    script("bin", "go", "echo 'no network' >&2; exit 1");
    await expect(locateTool("cometbft", { env: env(), output: terminal().output })).rejects.toThrow("no network");
    expect(readdirSync(join(cached(), ".."))).toEqual([]);
  });

  test("names both ways out without Go", async () => {
    await expect(locateTool("cometbft", { env: env() })).rejects.toThrow(/install Go .* INTERFIRMD_COMETBFT/);
    await expect(locateTool("abci-cli", { env: env() })).rejects.toThrow(/INTERFIRMD_ABCI_CLI/);
  });
});
