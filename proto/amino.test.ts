import { serializeSignDoc } from "@cosmjs/amino";
import { AminoTypes, createBankAminoConverters, createStakingAminoConverters } from "@cosmjs/stargate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aminoSignBytes, fromAmino, toAmino, toShown } from "./amino.ts";
import { BaseAccount, ModuleAccount, QueryAccountResponse } from "./gen/cosmos/auth/v1beta1.ts";
import { MsgMultiSend, MsgSend, MsgSetSendEnabled, MsgUpdateParams } from "./gen/cosmos/bank/v1beta1.ts";
import { MsgUpdateParams as ConsensusMsgUpdateParams } from "./gen/cosmos/consensus/v1.ts";
import { PubKey as Ed25519 } from "./gen/cosmos/crypto/ed25519.ts";
import { LegacyAminoPubKey } from "./gen/cosmos/crypto/multisig.ts";
import { PubKey } from "./gen/cosmos/crypto/secp256k1.ts";
import { QueryCommunityPoolResponse } from "./gen/cosmos/distribution/v1beta1.ts";
import { Vote as GovVote, MsgCancelProposal } from "./gen/cosmos/gov/v1.ts";
import {
  MsgCreateValidator,
  MsgDelegate,
  MsgEditValidator,
  MsgUndelegateResponse,
  StakeAuthorization,
  Params as StakingParams,
} from "./gen/cosmos/staking/v1beta1.ts";
import { ModeInfo } from "./gen/cosmos/tx/v1beta1.ts";
import { Any } from "./gen/google/protobuf.ts";
import { allServices, allTypes } from "./gen/index.ts";
import { MsgAccept, MsgPropose } from "./gen/interfirm/agreements/v1.ts";
import { JsonError, jsonText } from "./json.ts";
import { createRegistry, packAny } from "./registry.ts";
import { arbitraryMessage } from "./testing/arbitrary.ts";
import { durationNanos, goDuration, parseDuration } from "./time.ts";
import type { MessageType } from "./types.ts";

const registry = createRegistry(allTypes);
const amino = <T>(type: MessageType<T>, message: T): unknown => JSON.parse(jsonText(toAmino(type, message, registry)));
const cosmjs = new AminoTypes({ ...createBankAminoConverters(), ...createStakingAminoConverters() });
const ADDRESS = "firm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnq0rwn5";

describe("what the SDK's command line shows", () => {
  const shown = <T>(type: MessageType<T>, message: T): unknown =>
    JSON.parse(jsonText(toShown(type, message, registry)));

  it("names an Any by its type URL and leaves empty fields out", () => {
    const pubKey = packAny(PubKey, { key: Uint8Array.of(65, 66) });
    const account = packAny(BaseAccount, BaseAccount.fromPartial({ address: ADDRESS, pubKey, sequence: 80n }));
    expect(shown(QueryAccountResponse, { account })).toEqual({
      account: {
        type: "/cosmos.auth.v1beta1.BaseAccount",
        value: {
          address: ADDRESS,
          public_key: { type: "/cosmos.crypto.secp256k1.PubKey", value: "QUI=" },
          sequence: "80",
        },
      },
    });
    expect(shown(QueryAccountResponse, { account: undefined })).toEqual({});
  });

  it("writes enums by name, durations as Go does and decimal coins as one word", () => {
    const params = StakingParams.fromPartial({ unbondingTime: { seconds: 3600n }, bondDenom: "ufirm" });
    expect(shown(StakingParams, params)).toMatchObject({ unbonding_time: "1h0m0s", bond_denom: "ufirm" });
    const pool = [{ denom: "ufirm", amount: 15n * 10n ** 17n }];
    expect(shown(QueryCommunityPoolResponse, { pool })).toEqual({ pool: ["1.500000000000000000ufirm"] });
    const vote = GovVote.fromPartial({ proposalId: 1n, options: [{ option: 3, weight: "1.000000000000000000" }] });
    expect(shown(GovVote, vote)).toMatchObject({
      options: [{ option: "VOTE_OPTION_NO", weight: "1.000000000000000000" }],
    });
  });

  it("shows whatever a query may answer", () => {
    const methods = allServices
      .filter(({ typeName }) => typeName.endsWith(".Query"))
      .flatMap(({ methods }) => Object.values(methods));
    expect(methods.length).toBeGreaterThan(80);
    for (const { output } of methods as readonly { readonly output: MessageType<unknown> }[]) {
      fc.assert(
        fc.property(arbitraryMessage(output), (message) => {
          expect(() => jsonText(toShown(output, message, registry))).not.toThrow();
        }),
        { numRuns: 3 },
      );
    }
  });

  it.each([
    [0n, "0s"],
    [1n, "1ns"],
    [1_500n, "1.5µs"],
    [20_000_000n, "20ms"],
    [1_500_000_000n, "1.5s"],
    [60_000_000_000n, "1m0s"],
    [-90_250_000_000n, "-1m30.25s"],
    [1_814_400_000_000_000n, "504h0m0s"],
    [3_661_000_000_001n, "1h1m1.000000001s"],
  ])("writes %d ns as %s, which reads back", (nanos, text) => {
    expect(goDuration(nanos)).toBe(text);
    expect(durationNanos(parseDuration(text))).toBe(nanos);
  });
});

describe("parity with CosmJS' converters", () => {
  const coin = fc.record({ denom: fc.stringMatching(/^[a-z]{3,9}$/), amount: fc.bigInt(0n, (1n << 200n) - 1n) });
  const coins = fc.array(coin, { maxLength: 3 });
  const party = fc.record({ address: fc.stringMatching(/^firm1[a-z]{5}$/), coins });
  const asText = (list: readonly { readonly denom: string; readonly amount: bigint }[]) =>
    list.map(({ denom, amount }) => ({ denom, amount: amount.toString() }));

  it("holds for MsgSend", () => {
    fc.assert(
      fc.property(party, coins, ({ address }, amount) => {
        const message = MsgSend.fromPartial({ fromAddress: address, toAddress: ADDRESS, amount });
        const value = { fromAddress: address, toAddress: ADDRESS, amount: asText(amount) };
        expect(amino(MsgSend, message)).toStrictEqual(cosmjs.toAmino({ typeUrl: MsgSend.typeUrl, value }));
      }),
    );
  });

  it("holds for MsgMultiSend", () => {
    const parties = fc.array(party, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parties, parties, (inputs, outputs) => {
        const text = (list: typeof inputs) => list.map((one) => ({ address: one.address, coins: asText(one.coins) }));
        const value = { inputs: text(inputs), outputs: text(outputs) };
        const message = MsgMultiSend.fromPartial({ inputs, outputs });
        expect(amino(MsgMultiSend, message)).toStrictEqual(cosmjs.toAmino({ typeUrl: MsgMultiSend.typeUrl, value }));
      }),
    );
  });

  it("holds for MsgDelegate", () => {
    const amount = { denom: "ufirm", amount: 5n };
    const message = MsgDelegate.fromPartial({ delegatorAddress: ADDRESS, validatorAddress: "firmvaloper1x", amount });
    const value = { delegatorAddress: ADDRESS, validatorAddress: "firmvaloper1x", amount: asText([amount])[0] };
    expect(amino(MsgDelegate, message)).toStrictEqual(cosmjs.toAmino({ typeUrl: MsgDelegate.typeUrl, value }));
  });
});

describe("rules", () => {
  it("leaves out what is empty, keeps what must be kept", () => {
    expect(amino(MsgSend, MsgSend.fromPartial({}))).toStrictEqual({
      type: "cosmos-sdk/MsgSend",
      value: { amount: [] },
    });
    expect(amino(MsgMultiSend, MsgMultiSend.fromPartial({}))).toStrictEqual({
      type: "cosmos-sdk/MsgMultiSend",
      value: { inputs: null, outputs: null },
    });
    expect(amino(MsgSetSendEnabled, MsgSetSendEnabled.fromPartial({ sendEnabled: [{ denom: "x" }] }))).toStrictEqual({
      type: "cosmos-sdk/MsgSetSendEnabled",
      value: { send_enabled: [{ denom: "x" }] },
    });
    expect(amino(MsgUpdateParams, MsgUpdateParams.fromPartial({ authority: ADDRESS }))).toStrictEqual({
      type: "cosmos-sdk/x/bank/MsgUpdateParams",
      value: { authority: ADDRESS, params: {} },
    });
  });

  it("writes our own messages", () => {
    const price = { denom: "ufirm", amount: 0n };
    const message = MsgPropose.fromPartial({
      payer: ADDRESS,
      payee: ADDRESS,
      price,
      termsHash: new Uint8Array(32),
      deadlineHeight: 9n,
    });
    expect(amino(MsgPropose, message)).toStrictEqual({
      type: "interfirm/MsgPropose",
      value: {
        payer: ADDRESS,
        payee: ADDRESS,
        price: { denom: "ufirm", amount: "0" },
        terms_hash: `${"A".repeat(43)}=`,
        deadline_height: "9",
      },
    });
    expect(amino(MsgAccept, MsgAccept.fromPartial({ payee: ADDRESS }))).toStrictEqual({
      type: "interfirm/MsgAccept",
      value: { payee: ADDRESS },
    });
  });

  it("writes keys as wallets know them", () => {
    const key = Uint8Array.of(1, 2, 3);
    expect(amino(PubKey, { key })).toStrictEqual({ type: "tendermint/PubKeySecp256k1", value: "AQID" });
    expect(amino(Ed25519, { key })).toStrictEqual({ type: "tendermint/PubKeyEd25519", value: "AQID" });
    const multisig = { threshold: 2, publicKeys: [packAny(PubKey, { key }), packAny(Ed25519, { key })] };
    expect(amino(LegacyAminoPubKey, multisig)).toStrictEqual({
      type: "tendermint/PubKeyMultisigThreshold",
      value: {
        threshold: "2",
        pubkeys: [
          { type: "tendermint/PubKeySecp256k1", value: "AQID" },
          { type: "tendermint/PubKeyEd25519", value: "AQID" },
        ],
      },
    });
  });

  it("writes accounts", () => {
    const base = BaseAccount.fromPartial({
      address: ADDRESS,
      pubKey: packAny(PubKey, { key: Uint8Array.of(1) }),
      sequence: 3n,
    });
    expect(amino(BaseAccount, base)).toStrictEqual({
      type: "cosmos-sdk/BaseAccount",
      value: { address: ADDRESS, public_key: { type: "tendermint/PubKeySecp256k1", value: "AQ==" }, sequence: "3" },
    });
    expect(amino(ModuleAccount, ModuleAccount.fromPartial({ baseAccount: base, name: "escrow" }))).toStrictEqual({
      type: "cosmos-sdk/ModuleAccount",
      value: { account_number: 0, address: ADDRESS, name: "escrow", permissions: null, public_key: "", sequence: 3 },
    });
  });

  it("writes decimals, absent ones, durations and times", () => {
    const created = MsgCreateValidator.fromPartial({
      pubkey: packAny(Ed25519, { key: Uint8Array.of(1) }),
      commission: { rate: 10n ** 17n },
      minSelfDelegation: 1n,
      value: { denom: "ufirm", amount: 7n },
    });
    expect(amino(MsgCreateValidator, created)).toStrictEqual({
      type: "cosmos-sdk/MsgCreateValidator",
      value: {
        description: {},
        commission: {
          rate: "0.100000000000000000",
          max_rate: "0.000000000000000000",
          max_change_rate: "0.000000000000000000",
        },
        min_self_delegation: "1",
        pubkey: { type: "tendermint/PubKeyEd25519", value: "AQ==" },
        value: { denom: "ufirm", amount: "7" },
      },
    });
    expect(amino(MsgEditValidator, MsgEditValidator.fromPartial({}))).toStrictEqual({
      type: "cosmos-sdk/MsgEditValidator",
      value: { description: {} },
    });
    const evidence = { maxAgeDuration: { seconds: 5n, nanos: 1 } };
    expect(amino(ConsensusMsgUpdateParams, ConsensusMsgUpdateParams.fromPartial({ evidence }))).toStrictEqual({
      type: "cosmos-sdk/x/consensus/MsgUpdateParams",
      value: { evidence: { max_age_duration: "5000000001" } },
    });
    const response = MsgUndelegateResponse.fromPartial({ completionTime: { nanos: 500_000 } });
    expect(amino(MsgUndelegateResponse, response)).toMatchObject({ completion_time: "1970-01-01T00:00:00.0005Z" });
  });

  it("names a message without amino name by its type URL, in an Any and in transactions", () => {
    expect(amino(Any, packAny(MsgUndelegateResponse, MsgUndelegateResponse.fromPartial({})))).toMatchObject({
      type: "/cosmos.staking.v1beta1.MsgUndelegateResponse",
    });
    const cancel = MsgCancelProposal.fromPartial({ proposalId: 3n, proposer: ADDRESS });
    const json = { type: "/cosmos.gov.v1.MsgCancelProposal", value: { proposal_id: "3", proposer: ADDRESS } };
    expect(amino(MsgCancelProposal, cancel)).toStrictEqual(json);
    expect(fromAmino(MsgCancelProposal, json, registry)).toStrictEqual(cancel);
    expect(() => fromAmino(MsgCancelProposal, { ...json, type: "" }, registry)).toThrow(
      'JSON has type "", want /cosmos.gov.v1.MsgCancelProposal',
    );
    const send = { type: MsgSend.typeUrl, value: { amount: [] } };
    expect(() => fromAmino(Any, send, registry)).toThrow('has type "/cosmos.bank.v1beta1.MsgSend"');
  });

  it("writes a oneof under its own name", () => {
    const list = { address: ["firmvaloper1x"] };
    const lists = [{ denyList: list }, { allowList: list }, { allowList: { address: [] } }, {}];
    const shown = [
      { type: "cosmos-sdk/StakeAuthorization/DenyList", value: { deny_list: list } },
      { type: "cosmos-sdk/StakeAuthorization/AllowList", value: { allow_list: list } },
      { type: "cosmos-sdk/StakeAuthorization/AllowList", value: { allow_list: {} } },
      null,
    ];
    for (const [index, oneof] of lists.entries()) {
      const message = StakeAuthorization.fromPartial({ ...oneof, authorizationType: 1 });
      const json = {
        type: "cosmos-sdk/StakeAuthorization",
        value: { Validators: shown[index], authorization_type: 1 },
      };
      expect(amino(StakeAuthorization, message)).toStrictEqual(json);
      expect(fromAmino(StakeAuthorization, json, registry)).toStrictEqual(message);
    }
  });

  it.each([
    [
      { type: "x", value: {} },
      'value.Validators has type "x", want cosmos-sdk/StakeAuthorization/AllowList or cosmos-sdk/StakeAuthorization/DenyList',
    ],
    [{ type: "cosmos-sdk/StakeAuthorization/DenyList", value: { deny_list: {}, allow_list: {} } }, "has more than"],
    [{ type: "cosmos-sdk/StakeAuthorization/DenyList", value: { allow_list: {} } }, "has more than"],
    [{ type: "cosmos-sdk/StakeAuthorization/DenyList", value: 1 }, "value.Validators.value is 1, want an object"],
    [{ type: "cosmos-sdk/StakeAuthorization/DenyList", value: {} }, "value.Validators.value.deny_list is absent"],
    [7, "value.Validators is 7, want an object"],
  ])("refuses the oneof %j", (json, message) => {
    const read = () =>
      fromAmino(StakeAuthorization, { type: "cosmos-sdk/StakeAuthorization", value: { Validators: json } }, registry);
    expect(read).toThrow(message);
    expect(read).toThrow(JsonError);
  });

  it("refuses members of a oneof in its place", () => {
    const json = { type: "cosmos-sdk/StakeAuthorization", value: { allow_list: {} } };
    expect(() => fromAmino(StakeAuthorization, json, registry)).toThrow('value has unknown field "allow_list"');
  });

  it("refuses what has no amino form", () => {
    expect(() => amino(ModeInfo, ModeInfo.fromPartial({ single: { mode: 1 } }))).toThrow(
      new JsonError("cosmos.tx.v1beta1.ModeInfo.sum has no amino form"),
    );
  });
});

const messages = allTypes.filter(
  ({ aminoName, aminoEncoding, signers }) =>
    aminoEncoding !== "module_account" && (aminoName !== undefined || signers.length > 0),
);

describe.each(messages.map((type) => [type.typeName, type] as const))("%s", (_, type) => {
  it("comes back from its amino form", () => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        expect(fromAmino(type, amino(type, message), registry)).toStrictEqual(message);
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});

describe("reading", () => {
  const read = (json: unknown) => () => fromAmino(MsgSend, json, registry);

  it.each([
    [
      { type: "cosmos-sdk/MsgMultiSend", value: {} },
      'JSON has type "cosmos-sdk/MsgMultiSend", want cosmos-sdk/MsgSend',
    ],
    [{ type: "cosmos-sdk/MsgSend", value: { memo: "" } }, 'value has unknown field "memo"'],
    [{ type: "cosmos-sdk/MsgSend", value: { fromAddress: "" } }, 'value has unknown field "fromAddress"'],
    [{ type: "cosmos-sdk/MsgSend", value: { amount: [{ amount: 1 }] } }, "value.amount[0].amount is 1, want a string"],
    [{ type: "cosmos-sdk/MsgSend", value: {}, extra: 1 }, "JSON has more than a type and a value"],
    [{ type: "cosmos-sdk/MsgSend" }, "value is absent, want an object"],
    [JSON.parse('{"type":"cosmos-sdk/MsgSend","value":{"__proto__":1}}'), 'value has unknown field "__proto__"'],
    [[], "JSON is an array, want an object"],
  ])("refuses %j", (json, message) => {
    expect(read(json)).toThrow(message);
    expect(read(json)).toThrow(JsonError);
  });
});

describe("sign bytes", () => {
  const doc = {
    accountNumber: 1n,
    chainId: "interfirm-1",
    fee: { amount: [{ denom: "ufirm", amount: 5000n }], gas: 200_000n },
    memo: "",
    msgs: [
      toAmino(
        MsgSend,
        MsgSend.fromPartial({ fromAddress: ADDRESS, amount: [{ denom: "ufirm", amount: 1n }] }),
        registry,
      ),
    ],
    sequence: 2n,
  };
  const text = (changes = {}) => new TextDecoder().decode(aminoSignBytes({ ...doc, ...changes }));

  it("are the sorted document", () => {
    expect(text()).toBe(
      `{"account_number":"1","chain_id":"interfirm-1","fee":{"amount":[{"amount":"5000","denom":"ufirm"}],"gas":"200000"},"memo":"","msgs":[{"type":"cosmos-sdk/MsgSend","value":{"amount":[{"amount":"1","denom":"ufirm"}],"from_address":"${ADDRESS}"}}],"sequence":"2"}`,
    );
  });

  it("say who pays and when it is too late, when it matters", () => {
    const fee = { amount: [], gas: 1n, payer: "p", granter: "g" };
    expect(text({ fee, timeoutHeight: 7n })).toContain('"fee":{"amount":[],"gas":"1","granter":"g","payer":"p"}');
    expect(text({ timeoutHeight: 7n })).toMatch(/"sequence":"2","timeout_height":"7"}$/);
    const unordered = { unordered: true, timeoutTimestamp: { seconds: 1n, nanos: 500 } };
    expect(text(unordered)).toMatch(/"timeout_timestamp":"1970-01-01T00:00:01.0000005Z","unordered":true}$/);
    expect(text({ timeoutHeight: 0n })).not.toContain("timeout_height");
  });

  it("equal CosmJS', but for U+2028 and U+2029, which Go escapes", () => {
    expect(text({ memo: "\u2028\u2029" })).toContain('"memo":"\\u2028\\u2029"');
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.bigInt(0n, (1n << 64n) - 1n), (memo, sequence) => {
        fc.pre(!/[\u2028\u2029]/.test(memo));
        const theirs = serializeSignDoc({
          account_number: "1",
          chain_id: doc.chainId,
          fee: { amount: [{ denom: "ufirm", amount: "5000" }], gas: "200000" },
          memo,
          msgs: doc.msgs as never,
          sequence: sequence.toString(),
        });
        expect(aminoSignBytes({ ...doc, memo, sequence })).toStrictEqual(theirs);
      }),
    );
  });
});
