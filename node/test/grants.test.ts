/** Allowances, authorisations and locked coins on the real application, with stake; and what nobody authorised. */
import {
  type Address,
  addressToBytes,
  bytesToAddress,
  moduleAddress,
  validatorPrefix,
} from "@interfirm/modules/kernel/address";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { Query as AuthQuery } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import {
  Query as AuthzQuery,
  GenericAuthorization,
  MsgExec,
  MsgGrant,
} from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { Query as BankQuery, MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { BasicAllowance, Query as FeeQuery, MsgGrantAllowance } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import {
  AuthorizationType,
  MsgCreateValidator,
  MsgDelegate,
  StakeAuthorization,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { DelayedVestingAccount, MsgCreateVestingAccount } from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import type { ExecTxResult } from "@interfirm/proto/gen/tendermint/abci";
import type { Field, MessageType } from "@interfirm/proto/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routeMessages } from "../app/router.ts";
import { type AnyMessage, account, message, signTx } from "./accounts.ts";
import { CHAIN_ID, GENESIS_TIME, realModules, TestChain } from "./chain.ts";

const coin = (amount: bigint) => ({ denom: "ufirm", amount });
const operatorOf = (address: string): string =>
  bytesToAddress(addressToBytes(address, "firm"), validatorPrefix("firm"));
const GAS = 2_000_000n;

let chain: TestChain;
let alice: Address;
let bob: Address;

beforeAll(async () => {
  chain = await TestChain.start({ invariantPeriod: 1n });
  alice = chain.address("alice");
  bob = chain.address("bob");
  const result = await run("alice", [
    message(MsgCreateValidator, {
      description: { moniker: "alice" },
      commission: { rate: 10n ** 17n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
      minSelfDelegation: 1n,
      validatorAddress: operatorOf(alice),
      pubkey: message(PubKey, { key: new Uint8Array(32).fill(3) }),
      value: coin(2_000_000n),
    }),
  ]);
  expect(result.code, result.log).toBe(0);
});

afterAll(() => chain.close());

async function run(name: string, messages: readonly AnyMessage[]): Promise<ExecTxResult> {
  return (await runEach(name, [messages]))[0]!;
}

/** One transaction for each list of messages, all in one block. */
async function runEach(name: string, lists: readonly (readonly AnyMessage[])[]): Promise<readonly ExecTxResult[]> {
  return (await chain.block(lists.map((messages) => chain.tx(name, messages, { gas: GAS })))).txResults;
}

const codeOf = ({ codespace, code }: ExecTxResult): string => (code === 0 ? "0" : `${codespace}/${code}`);

describe("a brand-new key with locked coins", () => {
  const dora = account("dora");
  let sequence = 0n;
  async function sign(messages: readonly AnyMessage[]): Promise<ExecTxResult> {
    const request = { address: dora.address };
    const { info } = await chain.query(AuthQuery.typeName, AuthQuery.methods.accountInfo, request);
    const accountNumber = info?.accountNumber ?? 0n;
    const tx = signTx(dora, messages, { chainId: CHAIN_ID, accountNumber, sequence, gas: GAS, granter: alice });
    const result = (await chain.block([tx])).txResults[0]!;
    sequence++;
    return result;
  }
  const delegate = (amount: bigint) =>
    message(MsgDelegate, {
      delegatorAddress: dora.address,
      validatorAddress: operatorOf(alice),
      amount: coin(amount),
    });

  it("delegates them in a transaction that its employer pays", async () => {
    const endTime = GENESIS_TIME / 1_000_000_000n + 1_000n;
    const created = await run("alice", [
      message(MsgCreateVestingAccount, {
        fromAddress: alice,
        toAddress: dora.address,
        amount: [coin(10_000n)],
        endTime,
        delayed: true,
      }),
      message(MsgGrantAllowance, {
        granter: alice,
        grantee: dora.address,
        allowance: message(BasicAllowance, { spendLimit: [coin(10_000n)] }),
      }),
    ]);
    expect(created.code, created.log).toBe(0);
    const delegated = await sign([delegate(6_000n)]);
    expect(delegated.code, delegated.log).toBe(0);

    const address = dora.address;
    const found = await chain.query(AuthQuery.typeName, AuthQuery.methods.account, { address });
    expect(found.account?.typeUrl).toBe(DelayedVestingAccount.typeUrl);
    expect(DelayedVestingAccount.decode(found.account!.value)).toMatchObject({
      baseVestingAccount: { baseAccount: { sequence: 1n }, endTime, delegatedVesting: [coin(6_000n)] },
    });
    const { balances } = await chain.query(BankQuery.typeName, BankQuery.methods.spendableBalances, { address });
    expect(balances).toEqual([coin(0n)]);
  });

  it("cannot send them, nor delegate more than it has", async () => {
    const { methods } = FeeQuery;
    expect(
      codeOf(await sign([message(MsgSend, { fromAddress: dora.address, toAddress: bob, amount: [coin(1n)] })])),
    ).toBe("sdk/5");
    // The allowance was used up by it.
    await expect(
      chain.query(FeeQuery.typeName, methods.allowance, { granter: alice, grantee: dora.address }),
    ).rejects.toThrow("fee-grant not found");
    expect(codeOf(await sign([delegate(1n)]))).toBe("sdk/38");
  });
});

describe("an authorisation to stake", () => {
  it("lets stake up to its amount, for the granter", async () => {
    const given = await run("alice", [
      message(MsgGrant, {
        granter: alice,
        grantee: bob,
        grant: {
          authorization: message(StakeAuthorization, {
            maxTokens: coin(500n),
            allowList: { address: [operatorOf(alice)] },
            authorizationType: AuthorizationType.AUTHORIZATION_TYPE_DELEGATE,
          }),
          expiration: nsToTimestamp(GENESIS_TIME + 10n ** 12n),
        },
      }),
    ]);
    expect(given.code, given.log).toBe(0);
    const stake = (amount: bigint) =>
      message(MsgExec, {
        grantee: bob,
        msgs: [
          message(MsgDelegate, {
            delegatorAddress: alice,
            validatorAddress: operatorOf(alice),
            amount: coin(amount),
          }),
        ],
      });
    expect(codeOf(await run("bob", [stake(501n)]))).toBe("sdk/5");
    expect(codeOf(await run("bob", [stake(400n)]))).toBe("0");
    expect(codeOf(await run("bob", [stake(101n)]))).toBe("sdk/5");
    expect(codeOf(await run("bob", [stake(100n)]))).toBe("0");
    expect(codeOf(await run("bob", [stake(1n)]))).toBe("authz/2");
    const request = { granter: alice, grantee: bob };
    expect((await chain.query(AuthzQuery.typeName, AuthzQuery.methods.grants, request)).grants).toEqual([]);
  });
});

/** An empty message whose signers are `signer`. */
function signedBy(type: MessageType<unknown>, signer: string): unknown {
  const fields = new Map(type.fields.map((field) => [field.name, field]));
  return type.fromPartial(
    Object.fromEntries(type.signers.map((name) => [name, signerValue(fields.get(name)!, signer)])),
  );
}

function signerValue(field: Field, signer: string): unknown {
  const value = field.message
    ? signedBy(field.message(), signer)
    : field.cosmos === "cosmos.ValidatorAddressString"
      ? operatorOf(signer)
      : signer;
  return field.repeated ? [value] : value;
}

const messageTypes = [...routeMessages(realModules().modules).values()].map(({ input }) => input);
const pack = (type: MessageType<unknown>, value: unknown): AnyMessage => ({
  typeUrl: type.typeUrl,
  value: type.encode(value).finish(),
});

describe("executions", () => {
  it("are for whom the signer authorised, and for nobody else, whatever the message", async () => {
    const gov = moduleAddress("gov", "firm");
    const execs = messageTypes.flatMap((type) =>
      [alice, gov].flatMap((signer) => {
        const exec = message(MsgExec, { grantee: bob, msgs: [pack(type, signedBy(type, signer))] });
        return [[exec], [message(MsgExec, { grantee: bob, msgs: [exec] })]];
      }),
    );
    expect(execs.length).toBeGreaterThan(200);
    const results = await runEach("bob", execs);
    expect(results.filter((result) => codeOf(result) !== "authz/2").map(({ log }) => log)).toEqual([]);
  });

  it("of empty messages never meet a bug", async () => {
    const execs = messageTypes.map((type) => [
      message(MsgExec, { grantee: bob, msgs: [pack(type, signedBy(type, bob))] }),
    ]);
    const results = await runEach("bob", execs);
    const bugs = messageTypes.filter((_, index) => results[index]!.codespace === "internal");
    expect(bugs.map(({ typeName }) => typeName)).toEqual([]);
  });
});

describe("grants of anything", () => {
  it("are granted or refused, and never meet a bug", async () => {
    const bytes = fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 40 }));
    const samples = fc.sample(fc.tuple(fc.constantFrom(...allTypes), bytes, fc.boolean()), { numRuns: 150, seed: 7 });
    const known = [GenericAuthorization, StakeAuthorization, BasicAllowance];
    const targeted = fc.sample(fc.tuple(fc.constantFrom(...known), bytes, fc.boolean()), { numRuns: 150, seed: 8 });
    const parties = { granter: alice, grantee: bob };
    const grants = [...samples, ...targeted].map(([{ typeUrl }, value, isFee]) => {
      const given = { typeUrl, value };
      return isFee
        ? message(MsgGrantAllowance, { ...parties, allowance: given })
        : message(MsgGrant, { ...parties, grant: { authorization: given } });
    });
    const results = await runEach(
      "alice",
      grants.map((grant) => [grant]),
    );
    const bugs = grants.filter((_, index) => results[index]!.codespace === "internal");
    expect(bugs.map(({ typeUrl, value }) => `${typeUrl} ${Buffer.from(value).toString("hex")}`)).toEqual([]);
  });
});
