import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GenesisState as AuthGenesis, BaseAccount } from "./gen/cosmos/auth/v1beta1.ts";
import { GenesisState as BankGenesis, MsgSend } from "./gen/cosmos/bank/v1beta1.ts";
import { PageResponse } from "./gen/cosmos/base/query/v1beta1.ts";
import { Coin, DecCoin } from "./gen/cosmos/base/v1beta1.ts";
import { PubKey } from "./gen/cosmos/crypto/secp256k1.ts";
import { GenesisState as GenutilGenesis } from "./gen/cosmos/genutil/v1beta1.ts";
import { Description, MsgCreateValidator, Params, Validator } from "./gen/cosmos/staking/v1beta1.ts";
import { AuthInfo, ModeInfo, TxBody } from "./gen/cosmos/tx/v1beta1.ts";
import { Any, Duration, Timestamp } from "./gen/google/protobuf.ts";
import { allTypes } from "./gen/index.ts";
import { EventStatusChanged } from "./gen/interfirm/agreements/v1.ts";
import { fromJson, JsonError, jsonText, sortedJsonText, toJson } from "./json.ts";
import { createRegistry, packAny } from "./registry.ts";
import { arbitraryMessage } from "./testing/arbitrary.ts";
import type { MessageType } from "./types.ts";

const registry = createRegistry(allTypes);
const ADDRESS = "firm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnq0rwn5";

const shown = <T>(type: MessageType<T>, message: T): unknown => JSON.parse(jsonText(toJson(type, message, registry)));
const read = <T>(type: MessageType<T>, json: unknown): T => fromJson(type, json, registry);

describe.each(allTypes.map((type) => [type.typeName, type] as const))("%s", (_, type) => {
  it("comes back from its JSON", () => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const json = JSON.parse(jsonText(toJson(type, message, registry)));
        expect(fromJson(type, json, registry)).toStrictEqual(message);
      }),
      { numRuns: 10, seed: 1 },
    );
  });
});

describe("printing", () => {
  it("uses proto names, text for 64 bits and amounts, and emits defaults", () => {
    expect(shown(BaseAccount, BaseAccount.fromPartial({ address: ADDRESS, sequence: (1n << 64n) - 1n }))).toStrictEqual(
      {
        address: ADDRESS,
        pub_key: null,
        account_number: "0",
        sequence: "18446744073709551615",
      },
    );
    expect(shown(PageResponse, PageResponse.fromPartial({}))).toStrictEqual({ next_key: null, total: "0" });
    expect(shown(BankGenesis, BankGenesis.fromPartial({}))).toStrictEqual({
      params: { send_enabled: [], default_send_enabled: false },
      balances: [],
      supply: [],
      denom_metadata: [],
      send_enabled: [],
    });
  });

  it("keeps fields in the order of their numbers, which is the order in Go's structs", () => {
    const event = EventStatusChanged.fromPartial({ id: 7n, from: 1, to: 2 });
    expect(jsonText(toJson(EventStatusChanged, event, registry))).toBe(
      '{"id":"7","from":"AGREEMENT_STATUS_PROPOSED","to":"AGREEMENT_STATUS_ACTIVE"}',
    );
  });

  it("opens Anys, beside their type or under value", () => {
    const key = packAny(PubKey, { key: Uint8Array.of(1, 2, 3) });
    const time = packAny(Timestamp, { seconds: 0n, nanos: 0 });
    expect(shown(Any, key)).toStrictEqual({ "@type": "/cosmos.crypto.secp256k1.PubKey", key: "AQID" });
    expect(shown(Any, time)).toStrictEqual({ "@type": "/google.protobuf.Timestamp", value: "1970-01-01T00:00:00Z" });
    expect(() => shown(Any, { typeUrl: "/x.Y", value: new Uint8Array() })).toThrow('type URL is "/x.Y"');
  });

  it("shows set members of a oneof and no others, unknown enum values as numbers", () => {
    expect(shown(ModeInfo, { single: { mode: 127 } })).toStrictEqual({
      single: { mode: "SIGN_MODE_LEGACY_AMINO_JSON" },
    });
    expect(shown(ModeInfo, {})).toStrictEqual({});
    expect(shown(ModeInfo, { single: { mode: 99 as never } })).toStrictEqual({ single: { mode: 99 } });
  });

  it("shows decimals with 18 places", () => {
    const text = (amount: bigint) => (shown(DecCoin, { denom: "", amount }) as { amount: string }).amount;
    expect(text(0n)).toBe("0.000000000000000000");
    expect(text(-1n)).toBe("-0.000000000000000001");
    expect(text(12_345n * 10n ** 16n)).toBe("123.450000000000000000");
    const params = Params.fromPartial({ unbondingTime: { seconds: 1_814_400n }, minCommissionRate: 5n * 10n ** 16n });
    expect(shown(Params, params)).toMatchObject({
      unbonding_time: "1814400s",
      min_commission_rate: "0.050000000000000000",
    });
  });

  it("escapes text as Go does", () => {
    const text = '<a>&\u2028\u2029"\\\b\f\n\r\t\u0001\u007f€\u{1f600}';
    const json = jsonText(toJson(Description, Description.fromPartial({ moniker: text }), registry));
    expect(json).toContain(
      '"moniker":"\\u003ca\\u003e\\u0026\\u2028\\u2029\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f€\u{1f600}"',
    );
    expect(JSON.parse(json).moniker).toBe(text);
  });
});

describe("reading", () => {
  it("takes snake_case and camelCase, numbers and text, names and numbers, null and absent", () => {
    const want = BaseAccount.fromPartial({ address: ADDRESS, accountNumber: 3n, sequence: 4n });
    expect(read(BaseAccount, { address: ADDRESS, account_number: "3", sequence: 4, pub_key: null })).toStrictEqual(
      want,
    );
    expect(read(BaseAccount, { address: ADDRESS, accountNumber: 3, sequence: "4" })).toStrictEqual(want);
    expect(read(Validator, { status: "BOND_STATUS_BONDED" }).status).toBe(3);
    expect(read(Validator, { status: 3 }).status).toBe(3);
  });

  it("reads what the SDK's tools write: genesis accounts, balances, a gentx", () => {
    const key = { "@type": "/cosmos.crypto.secp256k1.PubKey", key: "AurroA7jvfPd1AadmmOvWM2rJSwipXfRf8yD6pLbA2DJ" };
    const account = {
      "@type": "/cosmos.auth.v1beta1.BaseAccount",
      address: ADDRESS,
      pub_key: key,
      account_number: "0",
      sequence: "0",
    };
    const auth = read(AuthGenesis, { params: { max_memo_characters: "256" }, accounts: [account] });
    expect(BaseAccount.decode(auth.accounts[0]?.value as Uint8Array).address).toBe(ADDRESS);
    const bank = read(BankGenesis, { balances: [{ address: ADDRESS, coins: [{ denom: "ufirm", amount: "1000" }] }] });
    expect(bank.balances[0]?.coins).toStrictEqual([{ denom: "ufirm", amount: 1000n }]);
    const gentx = { body: { messages: [{ "@type": "/cosmos.staking.v1beta1.MsgCreateValidator" }], memo: "<id>" } };
    const genutil = read(GenutilGenesis, { gen_txs: [gentx] });
    expect(shown(GenutilGenesis, genutil)).toStrictEqual({ gen_txs: [gentx] });
    expect(read(TxBody, gentx.body).memo).toBe("<id>");
    expect(read(MsgCreateValidator, { min_self_delegation: "1", commission: { rate: "0.1" } }).commission.rate).toBe(
      10n ** 17n,
    );
  });

  it.each([
    [{ denom: "a", amount: "1", extra: 1 }, 'JSON has unknown field "extra" for cosmos.base.v1beta1.Coin'],
    [JSON.parse('{"__proto__":{"denom":"x"}}'), 'JSON has unknown field "__proto__"'],
    [{ constructor: 1 }, 'JSON has unknown field "constructor"'],
    [{ denom: 5 }, "denom is 5, want a string"],
    [{ amount: 5 }, "amount is 5, want a string"],
    [{ amount: "" }, "amount is empty, want a number as text"],
    [{ amount: "1e3" }, 'amount: cosmos.Int is "1e3", want a decimal integer'],
    [{ amount: "0x10" }, "want a decimal integer"],
    [{ amount: (1n << 256n).toString() }, "want less than 2^256"],
    [[], "JSON is an array, want an object"],
    ["x", 'JSON is "x", want an object'],
    [null, "JSON is null, want an object"],
  ])("refuses the coin %j", (json, message) => {
    expect(() => read(Coin, json)).toThrow(message);
    expect(() => read(Coin, json)).toThrow(JsonError);
  });

  it.each([
    [{ sequence: -1 }, "sequence is -1, want a uint64"],
    [{ sequence: 1.5 }, "sequence is 1.5, want an integer"],
    [{ sequence: 2 ** 53 }, "want an integer below 2^53 or text"],
    [{ sequence: "18446744073709551616" }, "want a uint64"],
    [{ sequence: "1".repeat(1_000_000) }, "want an integer"],
    [{ sequence: "01" }, 'sequence is "01", want an integer'],
    [{ sequence: true }, "sequence is true, want a string"],
    [{ account_number: "1", accountNumber: "1" }, "JSON has account_number twice, want one"],
    [{ pub_key: { key: "AQID" } }, "pub_key.@type is absent, want a string"],
    [{ pub_key: { "@type": "/x.Y" } }, 'pub_key has type "/x.Y", want a registered one'],
    [{ pub_key: { "@type": "/cosmos.crypto.secp256k1.PubKey", key: "A" } }, 'pub_key.key is "A", want base64'],
    [{ address: "\ud800" }, "half a surrogate pair"],
  ])("refuses the account %j", (json, message) => {
    const encoded = () => BaseAccount.encode(read(BaseAccount, json)).finish();
    expect(encoded).toThrow(message);
  });

  it("names the place", () => {
    const json = {
      messages: [
        {
          "@type": MsgSend.typeUrl,
          amount: [
            { denom: "a", amount: "1" },
            { denom: "b", amount: "x" },
          ],
        },
      ],
    };
    expect(() => read(TxBody, json)).toThrow('messages[0].amount[1].amount: cosmos.Int is "x"');
    expect(() => read(AuthInfo, { signer_infos: [{ mode_info: { single: { mode: "X" } } }] })).toThrow(
      'signer_infos[0].mode_info.single.mode is "X", want a value of cosmos.tx.signing.v1beta1.SignMode',
    );
    expect(() => read(ModeInfo, { single: { mode: "toString" } })).toThrow("want a value of");
    expect(() => read(ModeInfo, { single: {}, multi: {} })).toThrow("JSON has both single and multi, want one");
  });

  it("bounds depth", () => {
    let json: unknown = {};
    for (let depth = 0; depth < 10_000; depth++) json = { multi: { mode_infos: [json] } };
    expect(() => read(ModeInfo, json)).toThrow("deep, want at most 64");
    expect(() => jsonText(json as never)).toThrow("deep, want at most 64");
  });
});

describe("times", () => {
  it.each([
    ["0001-01-01T00:00:00Z", -62_135_596_800n, 0],
    ["1969-12-31T23:59:59.500Z", -1n, 500_000_000],
    ["1970-01-01T00:00:00Z", 0n, 0],
    ["2000-02-29T12:34:56.000001Z", 951_827_696n, 1000],
    ["2026-11-24T12:00:00.123456789Z", 1_795_521_600n, 123_456_789],
    ["9999-12-31T23:59:59Z", 253_402_300_799n, 0],
  ] as const)("shows and reads %s", (text, seconds, nanos) => {
    expect(shown(Timestamp, { seconds, nanos })).toBe(text);
    expect(read(Timestamp, text)).toStrictEqual({ seconds, nanos });
  });

  it("agrees with Date", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
        (date) => {
          const seconds = BigInt(Math.floor(date.getTime() / 1000));
          const text = shown(Timestamp, { seconds, nanos: 0 });
          expect(text).toBe(`${date.toISOString().slice(0, 19)}Z`);
        },
      ),
    );
  });

  it("reads offsets", () => {
    expect(read(Timestamp, "1970-01-01T02:00:00+02:00").seconds).toBe(0n);
    expect(read(Timestamp, "1969-12-31T19:30:00-04:30").seconds).toBe(0n);
  });

  it.each([
    "",
    "2023-02-29T00:00:00Z",
    "2023-01-01",
    "2023-01-01T24:00:00Z",
    "2023-01-01T00:00:60Z",
    "2023-13-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "2023-01-01T00:00:00",
    "2023-01-01t00:00:00z",
    "2023-01-01T00:00:00+24:00",
    `2023-01-01T00:00:00.${"0".repeat(50)}Z`,
  ])("refuses the time %j", (text) => {
    expect(() => read(Timestamp, text)).toThrow(JsonError);
  });

  it.each([
    ["5s", 5n, 0, "5s"],
    ["-1.5s", -1n, -500_000_000, "-1.500s"],
    ["-0.000000001s", 0n, -1, "-0.000000001s"],
    ["1h30m", 5400n, 0, "5400s"],
    ["300ms", 0n, 300_000_000, "0.300s"],
    ["0", 0n, 0, "0s"],
  ] as const)("reads the duration %s", (text, seconds, nanos, want) => {
    expect(read(Duration, text)).toStrictEqual({ seconds, nanos });
    expect(shown(Duration, { seconds, nanos })).toBe(want);
  });

  it.each(["", "5", "s", "5 s", "1e3s", "9223372037s", "--5s", "5x"])("refuses the duration %j", (text) => {
    expect(() => read(Duration, text)).toThrow(JsonError);
  });
});

describe("sorted text", () => {
  it("orders keys by their bytes, at every level", () => {
    expect(sortedJsonText({ b: 1, a: [{ d: null, c: true }], "\u{1f600}": 1, "\uffff": 2 })).toBe(
      '{"a":[{"c":true,"d":null}],"b":1,"\uffff":2,"\u{1f600}":1}',
    );
  });

  it("is JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false } as never), (value) => {
        expect(JSON.parse(sortedJsonText(value as never))).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
