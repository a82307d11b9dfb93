import {
  AgreementStatus,
  type GenesisState,
  type MsgPropose,
  type QueryAgreementsByPartyRequest,
} from "@interfirm/proto/gen/interfirm/agreements/v1";
import { describe, expect, it } from "vitest";
import { moduleAddress } from "../kernel/address.ts";
import type { Coin } from "../kernel/coins.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { bankEscrow } from "./bank-escrow.ts";
import { fail } from "./errors.ts";
import { DEADLINE_BLOCKS_MAX, REFUND_RETRY_BLOCKS, REFUNDS_PER_BLOCK_MAX } from "./keeper.ts";
import { agreements } from "./module.ts";
import { queries } from "./services.ts";
import { state } from "./state.ts";
import { createTestBank, testBankModule } from "./testing.ts";

const alice = addr("alice");
const bob = addr("bob");
const carol = addr("carol");
const usd = (amount: bigint): Coin => ({ denom: "uusd", amount });
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const PROPOSED = AgreementStatus.AGREEMENT_STATUS_PROPOSED;
const ACTIVE = AgreementStatus.AGREEMENT_STATUS_ACTIVE;
const SETTLED = AgreementStatus.AGREEMENT_STATUS_SETTLED;
const EXPIRED = AgreementStatus.AGREEMENT_STATUS_EXPIRED;
const REFUND_DUE = AgreementStatus.AGREEMENT_STATUS_REFUND_DUE;

function setup(height = 10n) {
  const bank = createTestBank();
  const escrow = bankEscrow(bank);
  const module = agreements({ escrow });
  const world = createWorld([testBankModule, module], { height });
  const { keeper } = module;
  world.init();
  world.tx((ctx) => bank.give(ctx, alice, usd(1000n)));
  const propose = (terms: Partial<MsgPropose> = {}): bigint =>
    world.tx((ctx) =>
      keeper.propose(ctx, {
        payer: alice,
        payee: bob,
        price: usd(5n),
        termsHash: hash(1),
        deadlineHeight: 20n,
        ...terms,
      }),
    );
  const accept = (id: bigint, payee = bob, termsHash = hash(1)) =>
    world.tx((ctx) => keeper.accept(ctx, { id, payee, termsHash }));
  const settle = (id: bigint, payer = alice) => world.tx((ctx) => keeper.settle(ctx, { id, payer }));
  const status = (id: bigint) => world.query((ctx) => keeper.get(ctx, id).status);
  const balance = (who = alice) => world.query((ctx) => bank.balance(ctx, who, "uusd"));
  return { bank, escrow, module, keeper, world, propose, accept, settle, status, balance };
}
type Setup = ReturnType<typeof setup>;

describe("agreements", () => {
  it("pays the payee once the payer settles", () => {
    const s = setup();
    const id = s.propose();
    expect([s.balance(alice), s.balance(bob), s.status(id)]).toEqual([995n, 0n, PROPOSED]);
    s.accept(id);
    expect(s.status(id)).toBe(ACTIVE);
    s.settle(id);
    expect([s.balance(alice), s.balance(bob), s.status(id)]).toEqual([995n, 5n, SETTLED]);
    const changes = s.world.events.filter(({ type }) => type.endsWith("EventStatusChanged"));
    expect(changes.map(({ attributes }) => attributes.map(({ value }) => value))).toEqual([
      ['"1"', '"AGREEMENT_STATUS_UNSPECIFIED"', '"AGREEMENT_STATUS_PROPOSED"'],
      ['"1"', '"AGREEMENT_STATUS_PROPOSED"', '"AGREEMENT_STATUS_ACTIVE"'],
      ['"1"', '"AGREEMENT_STATUS_ACTIVE"', '"AGREEMENT_STATUS_SETTLED"'],
    ]);
    expect(s.world.broken()).toEqual([]);
  });

  it("refunds the payer at the end of the deadline's block, and only then", () => {
    const s = setup();
    const [first, second] = [s.propose({ deadlineHeight: 11n }), s.propose({ deadlineHeight: 12n })];
    s.accept(first!);
    s.world.endBlock();
    expect(s.balance()).toBe(990n);
    s.world.beginBlock();
    s.world.endBlock();
    expect([s.balance(), s.status(first!), s.status(second!)]).toEqual([995n, EXPIRED, PROPOSED]);
    s.world.endBlock();
    expect(s.balance()).toBe(995n);
    s.world.beginBlock();
    s.world.endBlock();
    expect([s.balance(), s.status(second!)]).toEqual([1000n, EXPIRED]);
    expect(s.world.broken()).toEqual([]);
  });

  it("can still be settled in the block of its deadline", () => {
    const s = setup();
    const id = s.propose({ deadlineHeight: 11n });
    s.world.beginBlock();
    s.accept(id);
    s.settle(id);
    s.world.endBlock();
    expect([s.status(id), s.balance(bob)]).toEqual([SETTLED, 5n]);
  });

  it.each<[string, string, number, (s: Setup, id: bigint) => unknown]>([
    ["an unknown id", "agreements", 2, (s) => s.settle(99n)],
    ["a stranger accepts", "agreements", 3, (s, id) => s.accept(id, carol)],
    ["the payer accepts", "agreements", 3, (s, id) => s.accept(id, alice)],
    ["the payee settles", "agreements", 3, (s, id) => s.settle(id, bob)],
    ["settled before accepted", "agreements", 4, (s, id) => s.settle(id)],
    ["accepted twice", "agreements", 4, (s, id) => [s.accept(id), s.accept(id)]],
    ["settled twice", "agreements", 4, (s, id) => [s.accept(id), s.settle(id), s.settle(id)]],
    ["a deadline in the past", "agreements", 5, (s) => s.propose({ deadlineHeight: 9n })],
    ["a price of 0", "agreements", 6, (s) => s.propose({ price: usd(0n) })],
    ["a negative price", "agreements", 6, (s) => s.propose({ price: usd(-1n) })],
    ["a price of 257 bits", "agreements", 6, (s) => s.propose({ price: usd(1n << 256n) })],
    ["an unsound denom", "agreements", 6, (s) => s.propose({ price: { denom: "$", amount: 1n } })],
    ["a short hash", "agreements", 8, (s) => s.propose({ termsHash: hash(1).subarray(1) })],
    ["a long hash", "agreements", 8, (s) => s.propose({ termsHash: new Uint8Array(33) })],
    ["other terms accepted", "agreements", 9, (s, id) => s.accept(id, bob, hash(2))],
    ["no terms accepted", "agreements", 9, (s, id) => s.accept(id, bob, new Uint8Array(0))],
    ["payer and payee are one", "agreements", 10, (s) => s.propose({ payee: alice })],
    ["a payee that cannot be paid", "agreements", 11, (s) => [s.bank.blocked.add(carol), s.propose({ payee: carol })]],
    [
      "a deadline beyond the horizon",
      "agreements",
      12,
      (s) => s.propose({ deadlineHeight: 11n + DEADLINE_BLOCKS_MAX }),
    ],
    ["a deadline at the end of time", "agreements", 12, (s) => s.propose({ deadlineHeight: (1n << 64n) - 1n })],
    ["a payer that cannot pay", "sdk", 5, (s) => s.propose({ price: usd(996n) })],
    ["a payee that is no address", "sdk", 7, (s) => s.propose({ payee: "firm1nobody" as never })],
    ["a payee of another chain", "sdk", 7, (s) => s.propose({ payee: addr("bob", "cosmos") })],
  ])("rejects with nothing changed: %s", (_, codespace, code, act) => {
    const s = setup();
    const id = s.propose();
    const refused = expect.objectContaining({ codespace, code });
    const before = s.world.dump();
    expect(() => act(s, id)).toThrow(refused);
    if (!/twice/.test(_)) expect(s.world.dump()).toBe(before);
    expect(s.world.broken()).toEqual([]);
  });

  it("is dead past its deadline even while its refund is queued", () => {
    const s = setup();
    const id = s.propose({ deadlineHeight: 11n });
    s.accept(id);
    s.world.height = 12n; // the end of block 11 reached its cap and left this one for later
    expect(() => s.settle(id)).toThrow(expect.objectContaining({ codespace: "agreements", code: 5 }));
    s.world.endBlock();
    expect(s.status(id)).toBe(EXPIRED);
  });

  it("carries refunds over to the next block when there are too many for one", () => {
    const s = setup();
    const count = REFUNDS_PER_BLOCK_MAX + 7;
    for (let i = 0; i < count; i++) s.propose({ price: usd(1n), deadlineHeight: 11n });
    s.world.beginBlock();
    s.world.endBlock();
    expect(s.balance()).toBe(1000n - 7n);
    expect(s.world.broken()).toEqual([]);
    s.world.beginBlock();
    s.world.endBlock();
    expect(s.balance()).toBe(1000n);
  });

  it("neither stops nor blocks the queue when a refund fails, and tries it again", () => {
    const s = setup();
    const stuck = s.propose({ deadlineHeight: 11n });
    s.world.tx((ctx) => s.bank.give(ctx, carol, usd(5n)));
    const other = s.propose({ payer: carol, deadlineHeight: 11n });
    s.bank.blocked.add(alice);
    s.world.beginBlock();
    s.world.events.length = 0;
    s.world.endBlock();
    expect([s.status(stuck), s.status(other), s.balance(carol)]).toEqual([REFUND_DUE, EXPIRED, 5n]);
    expect(s.world.events.filter(({ type }) => type.endsWith("EventStatusChanged")).length).toBe(2);
    expect(s.world.broken()).toEqual([]);
    expect(() => s.settle(stuck)).toThrow(expect.objectContaining({ code: 4 }));

    s.world.height += REFUND_RETRY_BLOCKS;
    s.world.events.length = 0;
    s.world.endBlock();
    expect([s.status(stuck), s.world.events]).toEqual([REFUND_DUE, []]);

    s.bank.blocked.delete(alice);
    s.world.endBlock();
    expect(s.status(stuck)).toBe(REFUND_DUE);
    s.world.height += REFUND_RETRY_BLOCKS;
    s.world.endBlock();
    expect([s.status(stuck), s.balance()]).toEqual([EXPIRED, 1000n]);
    expect(s.world.broken()).toEqual([]);
  });

  it("lets a bug in escrow through: only refusals are handled", () => {
    const s = setup();
    s.propose({ deadlineHeight: 11n });
    const broken = agreements({
      escrow: {
        ...s.escrow,
        release() {
          throw new TypeError("bug");
        },
      },
    });
    s.world.height = 11n;
    expect(() => s.world.tx((ctx) => broken.keeper.expire(ctx))).toThrow(TypeError);
  });

  it("answers queries, page by page", () => {
    const s = setup();
    for (let i = 0; i < 5; i++) s.propose(i % 2 === 0 ? {} : { payee: carol });
    const answer = queries(s.keeper, s.escrow);
    const page = { key: new Uint8Array(0), offset: 0n, limit: 2n, countTotal: true, reverse: false };
    const byParty = (request: QueryAgreementsByPartyRequest) =>
      s.world.query((ctx) => answer.agreementsByParty(ctx, request));
    const first = byParty({ party: bob, pagination: page });
    expect(first.agreements.map(({ id }) => id)).toEqual([1n, 3n]);
    expect(first.pagination?.total).toBe(3n);
    const second = byParty({ party: bob, pagination: { ...page, key: first.pagination!.nextKey } });
    expect(second.agreements.map(({ id }) => id)).toEqual([5n]);
    expect(byParty({ party: alice, pagination: undefined }).agreements.length).toBe(5);
    expect(byParty({ party: addr("nobody"), pagination: undefined }).agreements).toEqual([]);
    expect(() => byParty({ party: "x" as never, pagination: undefined })).toThrow(expect.objectContaining({ code: 7 }));
    const all = s.world.query((ctx) => answer.agreements(ctx, { pagination: { ...page, reverse: true } }));
    expect(all.agreements.map(({ id }) => id)).toEqual([5n, 4n]);
    expect(s.world.query((ctx) => answer.agreement(ctx, { id: 2n })).agreement.payee).toBe(carol);
    expect(s.world.query((ctx) => answer.escrow(ctx, {}))).toEqual({
      address: moduleAddress("agreements", TEST_PREFIX),
      held: [usd(25n)],
      owed: [usd(25n)],
    });
  });

  it("reckons with coins that came to escrow by another way", () => {
    const s = setup();
    s.propose();
    s.world.tx((ctx) => s.bank.give(ctx, s.escrow.address(ctx), usd(3n)));
    expect(s.world.broken()).toEqual([]);
  });

  it.each<[string, (s: Setup) => void, string]>([
    [
      "an insolvent escrow",
      (s) => s.world.tx((ctx) => s.bank.give(ctx, s.escrow.address(ctx), usd(-1n))),
      "agreements/solvent: escrow holds 4 uusd, agreements bind 5 uusd",
    ],
    [
      "a wrong note of what is owed",
      (s) => s.world.tx((ctx) => state.owed.set(ctx, "uusd", 6n)),
      "agreements/tracked: noted as owed are 6uusd, agreements bind 5uusd",
    ],
    [
      "an agreement that is not queued",
      (s) =>
        s.world.tx((ctx) =>
          ctx.store("agreements").delete(Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 1)),
        ),
      "agreements/queued: agreement 1 is not queued for height 20",
    ],
    [
      "an id that will be given again",
      (s) => s.world.tx((ctx) => state.nextId.set(ctx, 1n)),
      "agreements/numbered: agreement 1 is kept as 1, the next id is 1",
    ],
  ])("notices %s", (_, tamper, why) => {
    const s = setup();
    s.propose();
    tamper(s);
    expect(s.world.broken()).toEqual([why]);
  });

  it.each<[string, (g: GenesisState) => GenesisState]>([
    ["an id twice", (g) => ({ ...g, agreements: [...g.agreements, ...g.agreements] })],
    ["a next id that is taken", (g) => ({ ...g, nextId: 1n })],
    ["an id of 0", (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, id: 0n })) })],
    ["no status", (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, status: 0 as const })) })],
    ["an unknown status", (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, status: 9 as never })) })],
    ["a price of 0", (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, price: usd(0n) })) })],
    ["payer and payee as one", (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, payee: a.payer })) })],
    [
      "a foreign address",
      (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, payee: addr("x", "cosmos") })) }),
    ],
    [
      "a refund height without a refund",
      (g) => ({ ...g, agreements: g.agreements.map((a) => ({ ...a, refundHeight: 5n })) }),
    ],
  ])("refuses a genesis with %s", (_, spoil) => {
    const s = setup();
    s.propose();
    const good = s.world.query((ctx) => s.module.genesis.export(ctx));
    s.module.genesis.validate(good, TEST_PREFIX);
    expect(() => s.module.genesis.validate(spoil(good), TEST_PREFIX)).toThrow(
      expect.objectContaining({ codespace: "agreements", code: 7 }),
    );
  });
});

moduleLaws("agreements", () => {
  const bank = createTestBank();
  const module = agreements({ escrow: bankEscrow(bank) });
  return {
    module,
    modules: [testBankModule, module],
    prepare: (world) => world.tx((ctx) => bank.give(ctx, moduleAddress("agreements", TEST_PREFIX), usd(30n))),
    fill(world) {
      world.tx((ctx) => bank.give(ctx, alice, usd(1000n)));
      const terms = { payer: alice, payee: bob, price: usd(5n), termsHash: hash(1) };
      const ids = [2n, 3n, 100n, 1000n].map((deadlineHeight) =>
        world.tx((ctx) => module.keeper.propose(ctx, { ...terms, deadlineHeight })),
      );
      world.tx((ctx) => module.keeper.accept(ctx, { id: ids[2]!, payee: bob, termsHash: hash(1) }));
      world.tx((ctx) => module.keeper.settle(ctx, { id: ids[2]!, payer: alice }));
      world.height = 2n;
      bank.blocked.add(alice);
      world.endBlock();
      bank.blocked.delete(alice);
      world.height = 3n;
      world.endBlock();
    },
  };
});

readmeLaws({
  module: agreements({ escrow: bankEscrow(createTestBank()) }),
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["interfirm.agreements.v1.EventProposed", "interfirm.agreements.v1.EventStatusChanged"],
});

/** Type-level guards: these lines must not compile without their marks. */
export function _types(s: Setup): void {
  s.world.query((ctx) => {
    // @ts-expect-error the index key of `refund` is a height
    state.agreements.by.refund.keys(ctx, { to: alice });
    // @ts-expect-error no such index
    state.agreements.by.price;
  });
  // @ts-expect-error an escrow is required
  agreements({});
}
