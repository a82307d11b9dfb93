import type { GenesisState, MsgMultiSend, MsgSend, MsgSetSendEnabled } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PageRequest } from "@interfirm/proto/gen/cosmos/base/query/v1beta1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auth } from "../auth/module.ts";
import { govAuthority } from "../kernel/authority.ts";
import { type Coin, formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import { bank } from "./module.ts";
import { msgs as handlers, queries } from "./services.ts";
import { state } from "./state.ts";

const alice = addr("alice");
const bob = addr("bob");
const carol = addr("carol");
const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
const INT_MAX = (1n << 256n) - 1n;

function compose() {
  const accounts = auth({
    moduleAccounts: { fee_collector: [], mint: ["minter"], furnace: ["burner"], escrow: [] },
  });
  const locked = new Map<string, readonly Coin[]>();
  const money = bank({
    accounts: {
      ...accounts.keeper,
      lockedCoins: (ctx, address) => locked.get(address) ?? accounts.keeper.lockedCoins(ctx, address),
    },
    blockedModules: ["fee_collector", "escrow"],
  });
  return { accounts, money, locked };
}

function setup(balances: GenesisState["balances"] = [{ address: alice, coins: [coin(100n), coin(50n, "uusd")] }]) {
  const { accounts, money, locked } = compose();
  const world = createWorld([accounts, money]);
  world.init({ bank: { ...money.genesis.empty, balances } });
  const balance = (who: typeof alice, denom = "ufirm") => world.query((ctx) => money.keeper.balance(ctx, who, denom));
  return { world, accounts, money, locked, balance, keeper: money.keeper, msgs: handlers(money.keeper) };
}

const eventsOf = (world: ReturnType<typeof createWorld>) =>
  world.events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]);

const send = (fields: Partial<MsgSend>): MsgSend => ({
  fromAddress: alice,
  toAddress: bob,
  amount: [coin(1n)],
  ...fields,
});

moduleLaws("bank", () => {
  const { accounts, money } = compose();
  return {
    module: money,
    modules: [accounts, money],
    fill(world) {
      world.tx((ctx) => {
        money.keeper.mint(ctx, "mint", [coin(1000n), coin(7n, "uusd")]);
        money.keeper.sendFromModule(ctx, "mint", alice, [coin(400n), coin(7n, "uusd")]);
        money.keeper.send(ctx, alice, bob, [coin(3n)]);
        state.sendEnabled.set(ctx, "uusd", false);
        state.sendEnabled.set(ctx, "ufirm", true);
        state.metadata.set(ctx, "ufirm", firm);
      });
    },
  };
});

const firm = {
  description: "stake and fees",
  denomUnits: [
    { denom: "ufirm", exponent: 0, aliases: ["microfirm"] },
    { denom: "firm", exponent: 6, aliases: [] },
  ],
  base: "ufirm",
  display: "firm",
  name: "Firm",
  symbol: "FIRM",
  uri: "",
  uriHash: "",
};

readmeLaws({
  module: compose().money,
  readme: new URL("README.md", import.meta.url),
  state,
  errors: fail,
  events: ["coin_spent", "coin_received", "transfer", "message", "coinbase", "burn"],
});

describe("send", () => {
  it("moves coins, makes the recipient's account and tells it in the SDK's events and order", () => {
    const { world, msgs, balance, accounts } = setup();
    world.events.length = 0;
    world.tx((ctx) => msgs.send(ctx, send({ amount: [coin(30n), coin(50n, "uusd")] })));
    expect([balance(alice), balance(alice, "uusd"), balance(bob), balance(bob, "uusd")]).toEqual([70n, 0n, 30n, 50n]);
    expect(world.query((ctx) => accounts.keeper.get(ctx, bob)?.base)).toMatchObject({ address: bob, sequence: 0n });
    const amount = "amount=30ufirm,50uusd";
    expect(eventsOf(world)).toEqual([
      ["coin_spent", `spender=${alice}`, amount],
      ["coin_received", `receiver=${bob}`, amount],
      ["transfer", `recipient=${bob}`, `sender=${alice}`, amount],
      ["message", `sender=${alice}`],
    ]);
    expect(world.broken()).toEqual([]);
  });

  it("to oneself changes nothing", () => {
    const { world, msgs, balance } = setup();
    world.tx((ctx) => msgs.send(ctx, send({ toAddress: alice, amount: [coin(100n)] })));
    expect(balance(alice)).toBe(100n);
    expect(world.broken()).toEqual([]);
  });

  const escrow = (ctx: Ctx) => compose().accounts.keeper.moduleAddress(ctx, "escrow");
  it.each<[string, string, number, (ctx: Ctx) => Partial<MsgSend>]>([
    ["more than there is", "sdk", 5, () => ({ amount: [coin(101n)] })],
    ["a denomination one does not hold", "sdk", 5, () => ({ amount: [coin(1n, "unknown")] })],
    ["one coin of two", "sdk", 5, () => ({ amount: [coin(1n), coin(51n, "uusd")] })],
    ["nothing", "sdk", 10, () => ({ amount: [] })],
    ["zero", "sdk", 10, () => ({ amount: [coin(0n)] })],
    ["a negative amount", "sdk", 10, () => ({ amount: [coin(-1n)] })],
    ["more than 256 bits", "sdk", 10, () => ({ amount: [coin(INT_MAX + 1n)] })],
    ["a denomination twice", "sdk", 10, () => ({ amount: [coin(1n), coin(1n)] })],
    ["unsorted denominations", "sdk", 10, () => ({ amount: [coin(1n, "uusd"), coin(1n)] })],
    ["a denomination of prototypes", "sdk", 10, () => ({ amount: [coin(1n, "__proto__")] })],
    ["a short denomination", "sdk", 10, () => ({ amount: [coin(1n, "u")] })],
    ["to no address", "sdk", 7, () => ({ toAddress: "" as typeof bob })],
    ["to another chain's address", "sdk", 7, () => ({ toAddress: addr("bob", "cosmos") })],
    ["to an address with a typing error", "sdk", 7, () => ({ toAddress: `${bob.slice(0, -1)}q` as typeof bob })],
    ["to a module that may not be paid", "sdk", 4, (ctx) => ({ toAddress: escrow(ctx) })],
  ])("refuses %s (%s/%i)", (_, codespace, code, fields) => {
    const { world, msgs } = setup();
    const before = world.dump();
    expect(() => world.tx((ctx) => msgs.send(ctx, send(fields(ctx))))).toThrow(
      expect.objectContaining({ codespace, code }),
    );
    expect(world.dump()).toBe(before);
  });

  it("refuses a balance above 256 bits (sdk/10)", () => {
    const { world, msgs } = setup([
      { address: alice, coins: [coin(INT_MAX)] },
      { address: bob, coins: [coin(1n, "uusd")] },
    ]);
    world.tx((ctx) => msgs.send(ctx, send({ amount: [coin(INT_MAX)] })));
    expect(() => world.tx((ctx) => keeperAdd(ctx))).toThrow(expect.objectContaining({ codespace: "sdk", code: 10 }));
    function keeperAdd(ctx: Ctx) {
      setup().keeper.mint(ctx, "mint", [coin(1n)]);
    }
  });

  it("leaves locked coins alone (sdk/5)", () => {
    const { world, msgs, locked, keeper, balance } = setup();
    locked.set(alice, [coin(60n)]);
    expect(world.query((ctx) => keeper.spendable(ctx, alice, "ufirm"))).toBe(40n);
    expect(formatCoins(world.query((ctx) => keeper.spendableCoins(ctx, alice)))).toBe("40ufirm,50uusd");
    expect(() => world.tx((ctx) => msgs.send(ctx, send({ amount: [coin(41n)] })))).toThrow(
      "spendable balance 40ufirm is smaller than 41ufirm",
    );
    world.tx((ctx) => msgs.send(ctx, send({ amount: [coin(40n)] })));
    expect(balance(alice)).toBe(60n);
    locked.set(alice, [coin(61n)]);
    expect(() => world.tx((ctx) => msgs.send(ctx, send({})))).toThrow("locked amount exceeds account balance funds");
  });

  it("asks restrictions, which may send coins elsewhere", () => {
    const { accounts } = compose();
    const money = bank({
      accounts: accounts.keeper,
      blockedModules: [],
      restrictions: [(_, __, to) => (to === bob ? carol : to)],
    });
    const world = createWorld([accounts, money]);
    world.init({ bank: { ...money.genesis.empty, balances: [{ address: alice, coins: [coin(5n)] }] } });
    world.tx((ctx) => money.keeper.send(ctx, alice, bob, [coin(5n)]));
    expect(world.query((ctx) => money.keeper.balance(ctx, carol, "ufirm"))).toBe(5n);
  });
});

describe("multi-send", () => {
  const multi = (fields: Partial<MsgMultiSend>): MsgMultiSend => ({
    inputs: [{ address: alice, coins: [coin(9n)] }],
    outputs: [
      { address: bob, coins: [coin(4n)] },
      { address: carol, coins: [coin(5n)] },
    ],
    ...fields,
  });

  it("pays many from one", () => {
    const { world, msgs, balance } = setup();
    world.events.length = 0;
    world.tx((ctx) => msgs.multiSend(ctx, multi({})));
    expect([balance(alice), balance(bob), balance(carol)]).toEqual([91n, 4n, 5n]);
    expect(eventsOf(world).map(([type]) => type)).toEqual([
      "message",
      "coin_spent",
      "coin_received",
      "transfer",
      "coin_received",
      "transfer",
    ]);
    expect(world.broken()).toEqual([]);
  });

  it.each<[string, string, number, Partial<MsgMultiSend>]>([
    ["no input", "bank", 2, { inputs: [] }],
    ["no output", "bank", 3, { outputs: [] }],
    ["less out than in", "bank", 4, { outputs: [{ address: bob, coins: [coin(8n)] }] }],
    [
      "two inputs",
      "bank",
      9,
      {
        inputs: [
          { address: alice, coins: [coin(4n)] },
          { address: bob, coins: [coin(5n)] },
        ],
      },
    ],
    ["an output of nothing", "sdk", 10, { outputs: [{ address: bob, coins: [] }] }],
    [
      "outputs that sum up above 256 bits",
      "sdk",
      10,
      {
        outputs: [
          { address: bob, coins: [coin(INT_MAX)] },
          { address: bob, coins: [coin(1n)] },
        ],
      },
    ],
    ["a bad address", "sdk", 7, { outputs: [{ address: "firm1" as typeof bob, coins: [coin(9n)] }] }],
  ])("refuses %s (%s/%i)", (_, codespace, code, fields) => {
    const { world, msgs } = setup();
    expect(() => world.tx((ctx) => msgs.multiSend(ctx, multi(fields)))).toThrow(
      expect.objectContaining({ codespace, code }),
    );
  });
});

describe("module accounts", () => {
  const { accounts } = compose();
  it.each(accounts.keeper.moduleNames.map((name) => [name]))("%s is paid by users only when it may be", (name) => {
    const { world, msgs, keeper } = setup();
    const to = world.query((ctx) => accounts.keeper.moduleAddress(ctx, name));
    const ways: ((ctx: Ctx) => void)[] = [
      (ctx) => msgs.send(ctx, send({ toAddress: to })),
      (ctx) =>
        msgs.multiSend(ctx, {
          inputs: [{ address: alice, coins: [coin(1n)] }],
          outputs: [{ address: to, coins: [coin(1n)] }],
        }),
      (ctx) => {
        keeper.sendToModule(ctx, alice, "furnace", [coin(1n)]);
        keeper.sendFromModule(ctx, "furnace", to, [coin(1n)]);
      },
    ];
    const blocked = ["fee_collector", "escrow"].includes(name);
    for (const way of ways) {
      if (blocked) expect(() => world.tx(way)).toThrow(expect.objectContaining({ codespace: "sdk", code: 4 }));
      else world.tx(way);
    }
    expect(world.broken()).toEqual([]);
  });
});

describe("governance", () => {
  const authority = govAuthority(TEST_PREFIX);

  it("switches a denomination off and on again (bank/5)", () => {
    const { world, msgs } = setup();
    const set = (fields: Partial<MsgSetSendEnabled>) =>
      world.tx((ctx) => msgs.setSendEnabled(ctx, { authority, sendEnabled: [], useDefaultFor: [], ...fields }));
    set({ sendEnabled: [{ denom: "ufirm", enabled: false }] });
    expect(() => world.tx((ctx) => msgs.send(ctx, send({})))).toThrow(
      expect.objectContaining({ codespace: "bank", code: 5 }),
    );
    set({ useDefaultFor: ["ufirm"] });
    world.tx((ctx) => msgs.send(ctx, send({})));
    expect(() =>
      set({
        sendEnabled: [
          { denom: "ufirm", enabled: true },
          { denom: "ufirm", enabled: false },
        ],
      }),
    ).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
    expect(() => set({ useDefaultFor: ["!"] })).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });

  it("alone changes parameters (gov/13)", () => {
    const { world, msgs } = setup();
    const params = { sendEnabled: [], defaultSendEnabled: false };
    expect(() => world.tx((ctx) => msgs.updateParams(ctx, { authority: alice, params }))).toThrow(
      expect.objectContaining({ codespace: "gov", code: 13 }),
    );
    expect(() =>
      world.tx((ctx) => msgs.setSendEnabled(ctx, { authority: alice, sendEnabled: [], useDefaultFor: [] })),
    ).toThrow(expect.objectContaining({ codespace: "gov", code: 13 }));
    world.tx((ctx) => msgs.updateParams(ctx, { authority, params }));
    expect(() => world.tx((ctx) => msgs.send(ctx, send({})))).toThrow(expect.objectContaining({ code: 5 }));
  });
});

describe("modules", () => {
  it("mint and burn with permission only (sdk/4), and the supply follows", () => {
    const { world, keeper } = setup();
    const supply = () => world.query((ctx) => keeper.supply(ctx, "ufirm"));
    world.tx((ctx) => keeper.mint(ctx, "mint", [coin(10n)]));
    expect(supply()).toBe(110n);
    expect(() => world.tx((ctx) => keeper.mint(ctx, "escrow", [coin(1n)]))).toThrow(
      expect.objectContaining({ code: 4 }),
    );
    expect(() => world.tx((ctx) => keeper.burn(ctx, "mint", [coin(1n)]))).toThrow(expect.objectContaining({ code: 4 }));
    world.tx((ctx) => keeper.sendBetweenModules(ctx, "mint", "furnace", [coin(10n)]));
    world.tx((ctx) => keeper.burn(ctx, "furnace", [coin(10n)]));
    expect(supply()).toBe(100n);
    expect(() => world.tx((ctx) => keeper.burn(ctx, "furnace", [coin(1n)]))).toThrow(
      expect.objectContaining({ code: 5 }),
    );
    expect(() => world.tx((ctx) => keeper.mint(ctx, "mint", [coin(INT_MAX)]))).toThrow(
      expect.objectContaining({ code: 10 }),
    );
    expect(world.broken()).toEqual([]);
  });

  it("take in and pay out, but never to a blocked account", () => {
    const { world, keeper, balance, accounts } = setup();
    world.tx((ctx) => keeper.sendToModule(ctx, alice, "escrow", [coin(7n)]));
    world.tx((ctx) => keeper.sendFromModule(ctx, "escrow", bob, [coin(3n)]));
    expect(balance(bob)).toBe(3n);
    const fees = world.query((ctx) => accounts.keeper.moduleAddress(ctx, "fee_collector"));
    expect(() => world.tx((ctx) => keeper.sendFromModule(ctx, "escrow", fees, [coin(1n)]))).toThrow(
      expect.objectContaining({ codespace: "sdk", code: 4 }),
    );
    expect(() => world.tx((ctx) => keeper.sendToModule(ctx, alice, "nobody", [coin(1n)]))).toThrow(
      expect.objectContaining({ codespace: "auth", code: 5 }),
    );
    const escrow = world.query((ctx) => accounts.keeper.moduleAddress(ctx, "escrow"));
    expect(() => world.tx((ctx) => keeper.sendToModule(ctx, escrow, "escrow", [coin(1n)]))).toThrow(
      "is the escrow module, which cannot pay itself",
    );
  });
});

describe("queries", () => {
  const page = (fields: Partial<PageRequest> = {}) => PageRequest.fromPartial(fields);
  function setupQueries() {
    const coins = ["uaaa", "ubbb", "uccc", "uddd"].map((denom) => coin(5n, denom));
    const base = setup([
      { address: alice, coins },
      { address: bob, coins: [coin(7n, "ubbb")] },
    ]);
    base.world.tx((ctx) => {
      state.metadata.set(ctx, "uaaa", { ...firm, base: "uaaa", display: "aaa" });
      state.sendEnabled.set(ctx, "uaaa", false);
    });
    const handlersOf = queries(base.keeper);
    const ask = <R>(act: (ctx: QueryCtx, q: typeof handlersOf) => R) => base.world.query((ctx) => act(ctx, handlersOf));
    return { ...base, ask };
  }

  it("page through balances, forth and back", () => {
    const { ask } = setupQueries();
    const all = (pagination: PageRequest | undefined, resolveDenom = false) =>
      ask((ctx, q) => q.allBalances(ctx, { address: alice, pagination, resolveDenom }))!;
    const first = all(page({ limit: 3n, countTotal: true }));
    expect(formatCoins(first.balances)).toBe("5uaaa,5ubbb,5uccc");
    expect(first.pagination).toEqual({ nextKey: new TextEncoder().encode("uddd"), total: 4n });
    const second = all(page({ key: first.pagination!.nextKey }));
    expect([formatCoins(second.balances), second.pagination!.nextKey.length]).toEqual(["5uddd", 0]);
    expect(formatCoins(all(page({ limit: 2n, reverse: true })).balances)).toBe("5uddd,5uccc");
    expect(formatCoins(all(page({ offset: 3n })).balances)).toBe("5uddd");
    expect(formatCoins(all(undefined, true).balances)).toBe("5aaa,5ubbb,5uccc,5uddd");
    expect(() => all(page({ offset: 1n, key: Uint8Array.of(1) }))).toThrow(expect.objectContaining({ code: 18 }));
  });

  it("answer zero for what nobody holds", () => {
    const { ask } = setupQueries();
    expect(ask((ctx, q) => q.balance(ctx, { address: carol, denom: "uaaa" }))).toEqual({ balance: coin(0n, "uaaa") });
    expect(ask((ctx, q) => q.supplyOf(ctx, { denom: "unknown" }))).toEqual({ amount: coin(0n, "unknown") });
    expect(
      ask((ctx, q) => q.allBalances(ctx, { address: carol, pagination: undefined, resolveDenom: false }))?.balances,
    ).toEqual([]);
  });

  it("tell what can be spent", () => {
    const { ask, locked } = setupQueries();
    locked.set(alice, [coin(2n, "ubbb"), coin(9n, "uddd")]);
    const one = (denom: string) => ask((ctx, q) => q.spendableBalanceByDenom(ctx, { address: alice, denom }))?.balance;
    expect([one("uaaa"), one("ubbb"), one("uddd")]).toEqual([coin(5n, "uaaa"), coin(3n, "ubbb"), coin(0n, "uddd")]);
    locked.set(alice, [coin(2n, "ubbb")]);
    const all = ask((ctx, q) => q.spendableBalances(ctx, { address: alice, pagination: page({ limit: 2n }) }))!;
    expect(formatCoins(all.balances)).toBe("5uaaa,3ubbb");
  });

  it("tell owners, supply, metadata and what may be sent", () => {
    const { ask } = setupQueries();
    const owners = ask((ctx, q) => q.denomOwners(ctx, { denom: "ubbb", pagination: undefined }))!;
    expect(owners.denomOwners.map(({ address, balance }) => [address, balance?.amount]).sort()).toEqual(
      [
        [alice, 5n],
        [bob, 7n],
      ].sort(),
    );
    expect(ask((ctx, q) => q.denomOwnersByQuery(ctx, { denom: "ubbb", pagination: undefined }))).toEqual(owners);
    const supply = ask((ctx, q) => q.totalSupply(ctx, { pagination: undefined }))!;
    expect([formatCoins(supply.supply), supply.pagination?.total]).toEqual(["5uaaa,12ubbb,5uccc,5uddd", 4n]);
    expect(ask((ctx, q) => q.denomMetadata(ctx, { denom: "uaaa" }))?.metadata.display).toBe("aaa");
    expect(ask((ctx, q) => q.denomMetadataByQueryString(ctx, { denom: "uaaa" }))?.metadata.display).toBe("aaa");
    expect(ask((ctx, q) => q.denomsMetadata(ctx, { pagination: undefined }))?.metadatas).toHaveLength(1);
    const enabled = (denoms: string[]) =>
      ask((ctx, q) => q.sendEnabled(ctx, { denoms, pagination: undefined }))?.sendEnabled;
    expect(enabled([])).toEqual([{ denom: "uaaa", enabled: false }]);
    expect(enabled(["ubbb", "uaaa"])).toEqual([{ denom: "uaaa", enabled: false }]);
    expect(ask((ctx, q) => q.params(ctx, {}))).toEqual({ params: { sendEnabled: [], defaultSendEnabled: true } });
  });

  it.each<[string, number, (ctx: QueryCtx, q: ReturnType<typeof queries>) => unknown]>([
    ["a bad address", 7, (ctx, q) => q.balance(ctx, { address: "firm1" as typeof alice, denom: "uaaa" })],
    ["a bad denomination", 10, (ctx, q) => q.balance(ctx, { address: alice, denom: "!" })],
    ["no denomination", 10, (ctx, q) => q.denomOwners(ctx, { denom: "", pagination: undefined })],
    ["unknown metadata", 22, (ctx, q) => q.denomMetadata(ctx, { denom: "ubbb" })],
  ])("refuse %s (sdk/%i)", (_, code, act) => {
    expect(() => setupQueries().ask(act)).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });
});

describe("genesis", () => {
  const { money } = compose();
  const validate = (change: Partial<GenesisState>) =>
    money.genesis.validate({ ...money.genesis.empty, ...change }, TEST_PREFIX);
  const balances = [{ address: alice, coins: [coin(5n)] }];

  it("takes a supply that is the sum of balances", () => {
    validate({ balances, supply: [coin(5n)] });
  });
  it("takes coins in any order and leaves out those of 0, as the SDK does", () => {
    const edited = [{ address: alice, coins: [coin(5n, "uusd"), coin(0n, "ueur"), coin(7n)] }];
    validate({ balances: edited });
    const { world, keeper } = setup(edited);
    const sound = [coin(7n), coin(5n, "uusd")];
    expect(world.query((ctx) => keeper.balances(ctx, alice))).toEqual(sound);
    expect(world.query((ctx) => money.genesis.export(ctx)).supply).toEqual(sound);
    expect(world.broken()).toEqual([]);
  });
  it.each<[string, Partial<GenesisState>]>([
    ["another supply", { balances, supply: [coin(6n)] }],
    ["a supply without balances", { supply: [coin(6n)] }],
    ["a balance twice", { balances: [...balances, ...balances] }],
    ["a denomination twice in a balance", { balances: [{ address: alice, coins: [coin(1n), coin(2n)] }] }],
    ["a negative balance", { balances: [{ address: alice, coins: [coin(-1n)] }] }],
    ["a foreign address", { balances: [{ address: addr("alice", "cosmos"), coins: [coin(5n)] }] }],
    ["metadata twice", { denomMetadata: [firm, firm] }],
    ["metadata without its unit", { denomMetadata: [{ ...firm, display: "kfirm" }] }],
    ["metadata whose units descend", { denomMetadata: [{ ...firm, denomUnits: [...firm.denomUnits].reverse() }] }],
    [
      "an alias twice",
      {
        denomMetadata: [
          { ...firm, denomUnits: [{ denom: "ufirm", exponent: 0, aliases: ["a", "a"] }, firm.denomUnits[1]!] },
        ],
      },
    ],
    [
      "send_enabled twice",
      {
        sendEnabled: [
          { denom: "ufirm", enabled: true },
          { denom: "ufirm", enabled: true },
        ],
      },
    ],
  ])("refuses %s", (_, change) => {
    expect(() => validate(change)).toThrow(expect.objectContaining({ name: "ChainError" }));
  });
});

describe("laws", () => {
  const who = fc.constantFrom(alice, bob, carol);
  const amount = fc.bigInt({ min: -2n, max: 120n });
  it("conserve coins and keep the index over any sends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(who, who, amount, fc.constantFrom("ufirm", "uusd")), { maxLength: 20 }),
        (sends) => {
          const { world, msgs } = setup();
          for (const [fromAddress, toAddress, value, denom] of sends) {
            try {
              world.tx((ctx) => msgs.send(ctx, { fromAddress, toAddress, amount: [coin(value, denom)] }));
            } catch (error) {
              expect(error).toMatchObject({ name: "ChainError" });
            }
          }
          expect(world.broken()).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
