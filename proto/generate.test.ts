import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Query as AuthQuery } from "./gen/cosmos/auth/v1beta1.ts";
import { Msg, MsgMultiSend, MsgSend, Query } from "./gen/cosmos/bank/v1beta1.ts";
import { Service as CometService } from "./gen/cosmos/base/tendermint/v1beta1.ts";
import { MsgCreateValidator, MsgEditValidator } from "./gen/cosmos/staking/v1beta1.ts";
import { Service as TxService } from "./gen/cosmos/tx/v1beta1.ts";
import { allServices, allTypes } from "./gen/index.ts";
import { MsgPropose } from "./gen/interfirm/agreements/v1.ts";
import { generate } from "./generate.ts";
import { camelCase, methodCase } from "./generator/field.ts";

const gen = join(import.meta.dirname, "gen");
const folders: string[] = [];

/** Generates from one file. */
function generated(path: string, text: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "interfirm-proto-"));
  folders.push(folder);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return generate(folder);
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it("gives the committed files", () => {
  const files = generate(import.meta.dirname);
  const committed = readdirSync(gen, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  expect([...files.keys()].sort()).toStrictEqual(committed.sort());
  for (const [path, text] of files) expect(readFileSync(join(gen, path), "utf8"), path).toBe(text);
});

describe("generator", () => {
  const file = (body: string) => `syntax = "proto3";\npackage a.v1;\n${body}`;

  it.each([
    ["a map", "message M { map<string, string> m = 1; }", "a.v1.M.m is a map, which has no order"],
    ["a float", "message M { double d = 1; }", "a.v1.M.d has type double"],
    ["an unknown type", "message M { Missing m = 1; }", "Missing"],
    ["an unknown signer", 'message M { option (cosmos.msg.v1.signer) = "x"; }', "a.v1.M has no field x, its signer"],
    ["a syntax error", "message M {", "a/v1/x.proto"],
  ])("refuses %s", (_, body, message) => {
    expect(() => generated("a/v1/x.proto", file(body))).toThrow(message);
  });

  it("refuses a file in another folder than its package's", () => {
    expect(() => generated("b/v1/x.proto", file("message M {}"))).toThrow(
      "package is a.v1, want the one of its folder",
    );
  });

  it("keeps comments, also those that would end one", () => {
    const text = generated(
      "a/v1/x.proto",
      file("// First.\n//\n// Not the end */ here.\nmessage M {\n // Mine.\n bool b = 1;\n}"),
    ).get("a/v1.ts");
    expect(text).toContain("/**\n * First.\n * Not the end *\\/ here.\n */\nexport interface M {");
    expect(text).toContain("  /** Mine. */\n  readonly b: boolean;");
  });

  it("tells absent numbers from 0 where the schema does", () => {
    const text = generated("a/v1/x.proto", file("message M { optional uint64 n = 1; uint64 input = 2; }")).get(
      "a/v1.ts",
    );
    expect(text).toContain("readonly n: bigint | undefined;");
    expect(text).toContain("if (message.n !== undefined) writer.tag(8).uint64(message.n);");
    expect(text).toContain("let inputField = 0n;");
  });

  it("takes text for a number only by its Go type, for the scalar alone may be text with a point", () => {
    const dec = '(cosmos_proto.scalar) = "cosmos.Dec"';
    const custom = '(gogoproto.customtype) = "cosmossdk.io/math.LegacyDec", (gogoproto.nullable) = false';
    const text = generated(
      "a/v1/x.proto",
      file(`message M { string a = 1 [${dec}]; string b = 2 [${dec}, ${custom}]; bytes c = 3 [${dec}, ${custom}]; }`),
    ).get("a/v1.ts");
    expect(text).toContain("readonly a: string;");
    expect(text).toContain('if (message.a !== "") writer.tag(10).string(message.a);');
    expect(text).toContain("readonly b: bigint;");
    expect(text).toContain("writer.tag(18).string(formatAtto(message.b));");
    expect(text).toContain("writer.tag(26).bytes(utf8Bytes(formatAtto(message.c)));");
  });

  it.each([
    ["from_address", "fromAddress"],
    ["sig_verify_cost_ed25519", "sigVerifyCostEd25519"],
    ["p2p", "p2p"],
  ])("names the field %s %s", (name, want) => {
    expect(camelCase(name)).toBe(want);
  });

  it.each([
    ["AllBalances", "allBalances"],
    ["ABCIQuery", "abciQuery"],
    ["AccountAddressByID", "accountAddressByID"],
    ["Params", "params"],
  ])("names the method %s %s", (name, want) => {
    expect(methodCase(name)).toBe(want);
  });
});

describe("descriptors", () => {
  it("say who signs and what a message is called in amino JSON", () => {
    expect([MsgSend.signers, MsgMultiSend.signers, MsgPropose.signers]).toStrictEqual([
      ["fromAddress"],
      ["inputs"],
      ["payer"],
    ]);
    expect(MsgSend.aminoName).toBe("cosmos-sdk/MsgSend");
    expect(MsgCreateValidator.signers).toStrictEqual(["validatorAddress"]);
  });

  it("say what a field's text is, what is always there and what may be absent", () => {
    const field = (type: { readonly fields: readonly { readonly name: string }[] }, name: string) =>
      type.fields.find((one) => one.name === name);
    expect(field(MsgSend, "fromAddress")).toMatchObject({
      no: 1,
      protoName: "from_address",
      cosmos: "cosmos.AddressString",
    });
    expect(field(MsgSend, "amount")).toMatchObject({
      repeated: true,
      aminoKeepEmpty: true,
      aminoEncoding: "legacy_coins",
    });
    expect(field(MsgCreateValidator, "value")).toMatchObject({ required: true });
    expect(field(MsgCreateValidator, "pubkey")).toMatchObject({ required: false, accepts: "cosmos.crypto.PubKey" });
    expect(field(MsgEditValidator, "commissionRate")).toMatchObject({ cosmos: "cosmos.Dec", optional: true });
  });

  it("hold the methods of services with their routes", () => {
    expect(Msg.methods.send).toMatchObject({ name: "Send", input: MsgSend, http: [] });
    expect(Query.methods.balance.http).toStrictEqual([
      { method: "get", path: "/cosmos/bank/v1beta1/balances/{address}/by_denom" },
    ]);
    expect(TxService.methods.simulate.http).toStrictEqual([
      { method: "post", path: "/cosmos/tx/v1beta1/simulate", body: "*" },
    ]);
    expect(CometService.methods.abciQuery.name).toBe("ABCIQuery");
    expect(Object.keys(AuthQuery.methods)).toHaveLength(10);
    expect(Object.keys(Query.methods)).toHaveLength(13);
  });

  it("are all in the index, each once", () => {
    const names = [...allTypes, ...allServices].map(({ typeName }) => typeName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("interfirm.agreements.v1.Query");
  });

  it("have no two messages with one amino name, and none longer than wallets can take", () => {
    const amino = allTypes.flatMap(({ aminoName }) => aminoName ?? []);
    expect(new Set(amino).size).toBe(amino.length);
    expect(amino.filter((name) => name.length > 39 && name.startsWith("interfirm/"))).toStrictEqual([]);
  });
});
