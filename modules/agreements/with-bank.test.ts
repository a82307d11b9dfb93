import { describe, expect, it } from "vitest";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { msgs as bankMsgs } from "../bank/services.ts";
import { moduleAddress } from "../kernel/address.ts";
import type { Coin } from "../kernel/coins.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { addr, createWorld, TEST_PREFIX, type World } from "../kernel/testing.ts";
import { AGREEMENTS, bankEscrow } from "./bank-escrow.ts";
import { agreements } from "./module.ts";

const alice = addr("alice");
const bob = addr("bob");
const usd = (amount: bigint): Coin => ({ denom: "uusd", amount });
const termsHash = new Uint8Array(32).fill(1);

/** The application's composition, as far as agreements are concerned. */
function compose() {
  const accounts = auth({ moduleAccounts: { fee_collector: [], [AGREEMENTS]: [], mint: ["minter"] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector", AGREEMENTS] });
  const deals = agreements({ escrow: bankEscrow(money.keeper) });
  return { accounts, money, deals, modules: [accounts, money, deals] };
}
type Composition = ReturnType<typeof compose>;

function start(): Composition & { readonly world: World } {
  const composition = compose();
  const world = createWorld(composition.modules);
  const balances = [{ address: alice, coins: [usd(1000n)] }];
  world.init({ bank: { ...composition.money.genesis.empty, balances } });
  return { ...composition, world };
}

const propose = ({ world, deals }: Pick<ReturnType<typeof start>, "world" | "deals">, parts = {}) =>
  world.tx((ctx) =>
    deals.keeper.propose(ctx, { payer: alice, payee: bob, price: usd(5n), termsHash, deadlineHeight: 3n, ...parts }),
  );

describe("agreements over the bank", () => {
  it("move coins to escrow and on, with the bank's events", () => {
    const s = start();
    const id = propose(s);
    const holder = moduleAddress(AGREEMENTS, TEST_PREFIX);
    s.world.tx((ctx) => s.deals.keeper.accept(ctx, { id, payee: bob, termsHash }));
    s.world.tx((ctx) => s.deals.keeper.settle(ctx, { id, payer: alice }));
    s.world.query((ctx) => {
      expect([alice, holder, bob].map((who) => s.money.keeper.balance(ctx, who, "uusd"))).toEqual([995n, 0n, 5n]);
    });
    const transfers = s.world.events.filter(({ type }) => type === "transfer");
    expect(transfers.map(({ attributes }) => attributes.map(({ value }) => value))).toEqual([
      [holder, alice, "5uusd"],
      [bob, holder, "5uusd"],
    ]);
    expect(s.world.broken()).toEqual([]);
  });

  it("keep everybody else out of escrow", () => {
    const s = start();
    const toAddress = moduleAddress(AGREEMENTS, TEST_PREFIX);
    const send = () =>
      s.world.tx((ctx) => bankMsgs(s.money.keeper).send(ctx, { fromAddress: alice, toAddress, amount: [usd(1n)] }));
    expect(send).toThrow(expect.objectContaining({ codespace: "sdk", code: 4 }));
  });

  it.each(["fee_collector", AGREEMENTS])("refuse the account of %s as payee", (module) => {
    expect(() => propose(start(), { payee: moduleAddress(module, TEST_PREFIX) })).toThrow(
      expect.objectContaining({ codespace: "agreements", code: 11 }),
    );
  });

  it("respect a denom whose transfers are switched off, and still give back what they hold", () => {
    const s = start();
    propose(s);
    s.world.tx((ctx) => s.money.keeper.setParams(ctx, { sendEnabled: [], defaultSendEnabled: false }));
    expect(() => propose(s)).toThrow(expect.objectContaining({ codespace: "bank", code: 5 }));
    s.world.height = 3n;
    s.world.endBlock();
    expect(s.world.query((ctx) => s.money.keeper.balance(ctx, alice, "uusd"))).toBe(1000n);
  });
});

moduleLaws("agreements over the bank", () => {
  const { modules, money, deals } = compose();
  return {
    module: deals,
    modules,
    fill(world) {
      world.tx((ctx) => money.keeper.mint(ctx, "mint", [usd(100n)]));
      world.tx((ctx) => money.keeper.sendFromModule(ctx, "mint", alice, [usd(100n)]));
      const id = propose({ world, deals });
      propose({ world, deals }, { deadlineHeight: 50n });
      world.tx((ctx) => deals.keeper.accept(ctx, { id, payee: bob, termsHash }));
      world.tx((ctx) => deals.keeper.settle(ctx, { id, payer: alice }));
    },
  };
});
