import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { govAuthority } from "@interfirm/modules/kernel/authority";
import { MsgSubmitProposal } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgCancelUpgrade, MsgSoftwareUpgrade } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { afterAll, describe, expect, it } from "vitest";
import { createTerminal } from "./testing.ts";
import { txFromJson } from "./tx-json.ts";
import { writeUpgradeInfo } from "./upgrade-info.ts";

const terminal = createTerminal();
afterAll(() => terminal.remove());

const SUM = "ab".repeat(32);
const url = (checksum: string) => `https://example.org/interfirmd.tar.gz?checksum=${checksum}`;
const info = (binaries: unknown) => JSON.stringify({ binaries });

describe("upgrade", () => {
  it("pre-upgrade says to cosmovisor that there is nothing to do", async () => {
    expect(await terminal.run("pre-upgrade")).toEqual({ code: 1, out: "", err: "" });
  });

  it("verify shows the builds of a plan", async () => {
    const good = info({ "linux/amd64": url(`sha256:${SUM}`), any: url(`sha512:${SUM}${SUM}`) });
    expect((await terminal.out("upgrade", "verify", good)).split("\n")[0]).toBe(`linux/amd64: ${url(`sha256:${SUM}`)}`);
  });

  it.each([
    ["info that is not JSON", "v2"],
    ["info without binaries", "{}"],
    ["binaries that are a list", info([])],
    ["no binaries", info({})],
    ["a platform that is none", info({ "linux amd64": url(`sha256:${SUM}`) })],
    ["no address", info({ any: "there" })],
    ["no checksum", info({ any: "https://example.org/x" })],
    ["a checksum that nobody should trust", info({ any: url("md5:d41d8cd98f00b204e9800998ecf8427e") })],
    ["half a checksum", info({ any: url(`sha256:${SUM.slice(1)}`) })],
  ])("verify refuses %s", async (_, text) => {
    const { code, err } = await terminal.run("upgrade", "verify", text);
    expect([code, err]).toEqual([1, expect.stringMatching(/^Error: .*want|^Error: binary of any has no address/)]);
  });

  it("leaves for cosmovisor a file of its own form, for nobody else to read", () => {
    const folder = mkdtempSync(join(tmpdir(), "interfirm-info-"));
    try {
      const upgradeInfo = join(folder, "upgrade-info.json");
      writeUpgradeInfo({ upgradeInfo }, { name: "v2", height: 123n, info: "x" });
      expect(readFileSync(upgradeInfo, "utf8")).toBe('{"name":"v2","height":123,"info":"x"}');
      expect(statSync(upgradeInfo).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const OFFLINE = ["--generate-only", "--offline", "-a", "1", "-s", "2", "--gas", "200000", "--chain-id", "deals-1"];
  const PROPOSAL = ["--title", "t", "--summary", "s", "--deposit", "10ufirm", "--from", "alice"];

  it("proposes a plan and its end in the SDK's form", async () => {
    await terminal.out("keys", "add", "alice");
    const made = async (...words: string[]) => {
      const tx = txFromJson(JSON.parse(await terminal.out("tx", "upgrade", ...words, ...PROPOSAL, ...OFFLINE)));
      const { messages, ...rest } = MsgSubmitProposal.decode(tx.body!.messages[0]!.value);
      expect(rest).toMatchObject({ title: "t", summary: "s", initialDeposit: [{ denom: "ufirm", amount: 10n }] });
      return messages[0]!;
    };
    const planned = await made("software-upgrade", "v2", "--upgrade-height", "100", "--no-validate");
    expect(planned.typeUrl).toBe(MsgSoftwareUpgrade.typeUrl);
    const { authority, plan } = MsgSoftwareUpgrade.decode(planned.value);
    expect([authority, plan.name, plan.height]).toEqual([govAuthority("firm"), "v2", 100n]);
    expect((await made("cancel-software-upgrade")).typeUrl).toBe(MsgCancelUpgrade.typeUrl);
    const loose = info({ any: "https://example.org/x" });
    await made("software-upgrade", "v2", "--upgrade-height", "9", "--upgrade-info", loose, "--no-checksum-required");
  });

  it.each([
    ["info that is not JSON", ["v2", "--upgrade-height", "9", ...PROPOSAL], "info is not JSON"],
    ["no height", ["v2", "--no-validate", ...PROPOSAL], "height is 0"],
    ["a name that is a path", ["../v2", "--upgrade-height", "9", "--no-validate", ...PROPOSAL], "name is"],
    ["no title", ["v2", "--upgrade-height", "9", "--no-validate", "--from", "alice"], "--title is missing"],
  ])("proposes no plan with %s", async (_, words, want) => {
    const { code, err } = await terminal.run("tx", "upgrade", "software-upgrade", ...words, ...OFFLINE);
    expect([code, err]).toEqual([1, expect.stringContaining(want)]);
  });

  it("start wants heights that are passed over to be heights", async () => {
    const { code, err } = await terminal.run("start", "--unsafe-skip-upgrades", "10,x");
    expect([code, err]).toEqual([1, expect.stringContaining('--unsafe-skip-upgrades is "10,x"')]);
  });
});
