import { BaseAccount, type GenesisState, ModuleAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { PageRequest } from "@interfirm/proto/gen/cosmos/base/query/v1beta1";
import { describe, expect, it } from "vitest";
import { type Address, moduleAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import type { AccountType } from "./accounts.ts";
import { fail } from "./errors.ts";
import { auth } from "./module.ts";
import { pubKeyToAny } from "./pubkey.ts";
import { msgs, queries } from "./services.ts";
import { pack, secpSigner } from "./testing.ts";

const compose = () => auth({ moduleAccounts: { mint: ["minter"], fee_collector: [] } });
const alice = secpSigner("alice");
const bob = addr("bob");

function setup() {
  const module = compose();
  const world = createWorld([module]);
  world.init();
  return { module, world, keeper: module.keeper, queries: queries(module.keeper), msgs: msgs(module.keeper) };
}

moduleLaws("auth", () => {
  const module = compose();
  return {
    module,
    fill(world) {
      world.tx((ctx) => {
        module.keeper.create(ctx, bob);
        module.keeper.create(ctx, alice.address);
        const account = module.keeper.get(ctx, alice.address)!;
        module.keeper.set(ctx, module.keeper.update(account, { pubKey: pubKeyToAny(alice.pubKey), sequence: 9n }));
        module.keeper.openModuleAccount(ctx, "mint");
      });
    },
  };
});

readmeLaws({
  module: compose(),
  readme: new URL("README.md", import.meta.url),
  state: compose().keeper.state,
  errors: fail,
  events: ["tx"],
});

describe("accounts", () => {
  it("get numbers in order, and are found by them", () => {
    const { world, keeper, queries } = setup();
    world.tx((ctx) => [bob, alice.address].map((who) => keeper.create(ctx, who)));
    const byId = (accountId: bigint) => world.query((ctx) => queries.accountAddressByID(ctx, { id: 0n, accountId }));
    const fees = moduleAddress("fee_collector", TEST_PREFIX);
    expect([0n, 1n, 2n].map((id) => byId(id)?.accountAddress)).toEqual([fees, bob, alice.address]);
    expect(() => byId(3n)).toThrow("account address not found with account number 3: key not found");
    expect(() => world.query((ctx) => queries.accountAddressByID(ctx, { id: 1n, accountId: 0n }))).toThrow(
      expect.objectContaining({ code: 18 }),
    );
    expect(world.broken()).toEqual([]);
  });

  it("may change their number, but not to one that is taken (auth/7)", () => {
    const { world, keeper } = setup();
    const renumber = (accountNumber: bigint) =>
      world.tx((ctx) => keeper.set(ctx, keeper.update(keeper.get(ctx, bob)!, { accountNumber })));
    world.tx((ctx) => keeper.create(ctx, bob));
    expect(() => renumber(0n)).toThrow(expect.objectContaining({ codespace: "auth", code: 7 }));
    world.tx((ctx) => keeper.state.nextNumber.set(ctx, 10n));
    renumber(5n);
    expect(world.query((ctx) => keeper.addressByNumber(ctx, 5n))).toBe(bob);
    expect(world.broken()).toEqual([]);
  });

  it("are shown in pages, whole and by their base", () => {
    const { world, keeper, queries } = setup();
    world.tx((ctx) => [bob, alice.address].map((who) => keeper.create(ctx, who)));
    const page = (key: Uint8Array) =>
      world.query((ctx) => queries.accounts(ctx, { pagination: PageRequest.fromPartial({ key, limit: 2n }) }))!;
    const first = page(new Uint8Array(0));
    const second = page(first.pagination!.nextKey);
    expect([first.accounts.length, second.accounts.length, second.pagination!.nextKey.length]).toEqual([2, 1, 0]);
    expect(world.query((ctx) => queries.account(ctx, { address: bob }))?.account).toEqual(
      pack(BaseAccount, { address: bob, accountNumber: 1n }),
    );
    expect(world.query((ctx) => queries.accountInfo(ctx, { address: bob }))?.info).toMatchObject({ accountNumber: 1n });
  });

  it.each<[string, string, number]>([
    ["unknown", addr("nobody"), 22],
    ["empty", "", 18],
    ["misspelt", `${bob}q`, 7],
    ["of another chain", addr("bob", "cosmos"), 7],
  ])("that are %s are refused (%s, sdk/%i)", (_, address, code) => {
    const { world, queries } = setup();
    expect(() => world.query((ctx) => queries.account(ctx, { address: address as Address }))).toThrow(
      expect.objectContaining({ codespace: "sdk", code }),
    );
  });
});

describe("module accounts", () => {
  it("are made once, when they are needed", () => {
    const { world, keeper, queries } = setup();
    const shown = () =>
      world
        .query((ctx) => queries.moduleAccounts(ctx, {}))!
        .accounts.map(({ value }) => ModuleAccount.decode(value).name);
    expect(shown()).toEqual(["fee_collector"]);
    world.tx((ctx) => keeper.openModuleAccount(ctx, "mint"));
    const before = world.dump();
    expect(world.tx((ctx) => keeper.openModuleAccount(ctx, "mint").permissions)).toEqual(["minter"]);
    expect(world.dump()).toBe(before);
    expect(shown()).toEqual(["fee_collector", "mint"]);
    expect(() => world.query((ctx) => queries.moduleAccountByName(ctx, { name: "nobody" }))).toThrow(
      expect.objectContaining({ codespace: "sdk", code: 22 }),
    );
    expect(() => world.tx((ctx) => keeper.openModuleAccount(ctx, "nobody"))).toThrow(
      expect.objectContaining({ codespace: "auth", code: 5 }),
    );
  });

  const mint = moduleAddress("mint", TEST_PREFIX);

  it("take over the account that a payment made at their address before", () => {
    const { world, keeper } = setup();
    world.tx((ctx) => keeper.create(ctx, mint));
    world.tx((ctx) => keeper.openModuleAccount(ctx, "mint"));
    const account = world.query((ctx) => keeper.get(ctx, mint))!;
    expect(account.base.accountNumber).toBe(1n);
    expect(account.kind.type).toBe(ModuleAccount);
    expect(world.broken()).toEqual([]);
  });

  it("do not take over an account that has signed (auth/4)", () => {
    const { world, keeper } = setup();
    world.tx((ctx) => keeper.create(ctx, mint));
    world.tx((ctx) => keeper.set(ctx, keeper.update(keeper.get(ctx, mint)!, { sequence: 1n })));
    expect(() => world.tx((ctx) => keeper.openModuleAccount(ctx, "mint"))).toThrow(
      expect.objectContaining({ codespace: "auth", code: 4 }),
    );
  });
});

describe("kinds of accounts that other modules bring", () => {
  const type = { ...BaseAccount, typeUrl: "/test.v1.LockedAccount", typeName: "test.v1.LockedAccount" };
  const locked: AccountType<BaseAccount> = {
    type,
    base: (value) => value,
    withBase: (_, base) => base,
    locked: (_, time) => (time < 2_000_000_000_000_000_000n ? [{ denom: "ufirm", amount: 5n }] : []),
  };
  const accounts = [{ ...pack(BaseAccount, { address: bob, accountNumber: 3n }), typeUrl: type.typeUrl }];

  it("are read, kept and saved as what they are, and lock coins", () => {
    const module = auth({ moduleAccounts: { fee_collector: [] }, accountTypes: [locked as AccountType<unknown>] });
    const world = createWorld([module]);
    world.init({ auth: { ...module.genesis.empty, accounts } });
    const { keeper } = module;
    world.tx((ctx) => keeper.set(ctx, keeper.update(keeper.get(ctx, bob)!, { sequence: 4n })));
    expect(world.query((ctx) => queries(keeper).account(ctx, { address: bob }))?.account).toEqual({
      typeUrl: type.typeUrl,
      value: pack(BaseAccount, { address: bob, accountNumber: 3n, sequence: 4n }).value,
    });
    expect(world.query((ctx) => keeper.lockedCoins(ctx, bob))).toEqual([{ denom: "ufirm", amount: 5n }]);
    world.time = 2_000_000_000_000_000_000n;
    expect(world.query((ctx) => keeper.lockedCoins(ctx, bob))).toEqual([]);
  });

  it("are refused by a chain without them (auth/3)", () => {
    const { genesis } = compose();
    expect(() => genesis.validate({ ...genesis.empty, accounts }, TEST_PREFIX)).toThrow(
      expect.objectContaining({ codespace: "auth", code: 3 }),
    );
  });
});

describe("parameters", () => {
  it("are governance's to change (gov/13); none may be 0 or price transactions out of every block (auth/6)", () => {
    const { world, keeper, msgs } = setup();
    const params = { ...world.query(keeper.params), maxMemoCharacters: 512n };
    const update = (authority: Address, change: Partial<typeof params> = {}) =>
      world.tx((ctx) => msgs.updateParams(ctx, { authority, params: { ...params, ...change } }));
    expect(() => update(bob)).toThrow(expect.objectContaining({ codespace: "gov", code: 13 }));
    const gov = govAuthority(TEST_PREFIX);
    const most = { txSizeCostPerByte: 500n, sigVerifyCostEd25519: 100_000n, sigVerifyCostSecp256k1: 100_000n };
    const refused = [{ txSigLimit: 0n }, ...Object.entries(most).map(([name, max]) => ({ [name]: max + 1n }))];
    for (const change of refused) {
      expect(() => update(gov, change)).toThrow(expect.objectContaining({ codespace: "auth", code: 6 }));
    }
    update(gov, most);
    expect(world.query(keeper.params).maxMemoCharacters).toBe(512n);
  });
});

it("tells the prefix, and addresses as text and bytes", () => {
  const { world, queries } = setup();
  const ask = <R>(act: (ctx: Parameters<typeof queries.params>[0]) => R) => world.query(act);
  expect(ask((ctx) => queries.bech32Prefix(ctx, {}))).toEqual({ bech32Prefix: TEST_PREFIX });
  const bytes = ask((ctx) => queries.addressStringToBytes(ctx, { addressString: bob }))!.addressBytes;
  expect(ask((ctx) => queries.addressBytesToString(ctx, { addressBytes: bytes }))).toEqual({ addressString: bob });
  expect(() => ask((ctx) => queries.addressBytesToString(ctx, { addressBytes: new Uint8Array(0) }))).toThrow(
    expect.objectContaining({ code: 18 }),
  );
});

describe("genesis", () => {
  const { genesis } = compose();
  const check = (change: Partial<GenesisState>) => genesis.validate({ ...genesis.empty, ...change }, TEST_PREFIX);

  it("gives accounts that share a number the lowest free ones", () => {
    const module = compose();
    const fresh = createWorld([module]);
    const who = ["a", "b", "c", "d"].map((name) => addr(name));
    const numbers = [0n, 2n, 0n, 2n];
    fresh.init({
      auth: {
        ...genesis.empty,
        accounts: who.map((address, i) => pack(BaseAccount, { address, accountNumber: numbers[i]! })),
      },
    });
    const given = who.map((address) => fresh.query((ctx) => module.keeper.get(ctx, address))?.base.accountNumber);
    expect(given).toEqual([0n, 2n, 1n, 3n]);
    expect(
      fresh.query((ctx) => module.keeper.get(ctx, moduleAddress("fee_collector", TEST_PREFIX)))?.base.accountNumber,
    ).toBe(4n);
    expect(fresh.broken()).toEqual([]);
  });

  it.each<[string, Partial<GenesisState>]>([
    ["an account twice", { accounts: [pack(BaseAccount, { address: bob }), pack(BaseAccount, { address: bob })] }],
    ["a foreign address", { accounts: [pack(BaseAccount, { address: addr("bob", "cosmos") })] }],
    ["a key of somebody else", { accounts: [pack(BaseAccount, { address: bob, pubKey: pubKeyToAny(alice.pubKey) })] }],
    ["a type that is no account", { accounts: [pack(PageRequest, {})] }],
    [
      "a module account elsewhere",
      { accounts: [pack(ModuleAccount, { baseAccount: { address: bob }, name: "mint" })] },
    ],
    [
      "a module account without name",
      { accounts: [pack(ModuleAccount, { baseAccount: { address: bob }, name: " " })] },
    ],
    ["a module account without base", { accounts: [pack(ModuleAccount, { name: "mint" })] }],
    ["a parameter of 0", { params: { ...genesis.empty.params, txSizeCostPerByte: 0n } }],
  ])("refuses %s", (_, change) => {
    expect(() => check(change)).toThrow(expect.objectContaining({ name: "ChainError" }));
  });
});
