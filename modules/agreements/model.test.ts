import { AgreementStatus } from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { Address } from "@interfirm/proto/types";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Coin } from "../kernel/coins.ts";
import { ChainError } from "../kernel/errors.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { bankEscrow } from "./bank-escrow.ts";
import { REFUND_RETRY_BLOCKS } from "./keeper.ts";
import { agreements } from "./module.ts";
import { createTestBank, testBankModule } from "./testing.ts";

const PEOPLE: readonly Address[] = ["alice", "bob", "carol"].map((name) => addr(name));
const DENOMS = ["ufirm", "uusd"] as const;
const START = 50n;

const person = fc.nat({ max: PEOPLE.length - 1 });
/** Mostly right, so that runs get somewhere: wrong in one of eight. */
const mistake = fc.nat({ max: 7 }).map((n) => n === 0);
const deal = fc.nat({ max: 40 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("propose" as const),
      payer: person,
      payee: person,
      denom: fc.nat({ max: 1 }),
      amount: fc.bigInt(-1n, 20n),
      blocks: fc.bigInt(-1n, 6n),
      terms: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("accept" as const), deal, stranger: mistake, otherTerms: mistake }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle" as const), deal, stranger: mistake }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("block" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("toggle" as const), who: person }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Deal {
  readonly payer: number;
  readonly payee: number;
  readonly price: Coin;
  readonly deadline: bigint;
  readonly terms: number;
  status: "PROPOSED" | "ACTIVE" | "SETTLED" | "EXPIRED" | "REFUND_DUE";
  retry: bigint;
}

/** The rules once more, as plainly as they can be said. */
class Model {
  height = 1n;
  readonly deals: Deal[] = [];
  readonly blocked = new Set<number>();
  readonly balances = new Map<string, bigint>();

  constructor() {
    for (const who of PEOPLE.keys()) for (const denom of DENOMS) this.balances.set(`${who}/${denom}`, START);
  }

  balance(who: number, denom: string): bigint {
    return this.balances.get(`${who}/${denom}`)!;
  }

  pay(who: number, { denom, amount }: Coin, sign: bigint): void {
    this.balances.set(`${who}/${denom}`, this.balance(who, denom) + sign * amount);
  }

  /** Whether the step is allowed; does it if so. */
  run(s: Step): boolean {
    switch (s.do) {
      case "propose": {
        const price = { denom: DENOMS[s.denom]!, amount: s.amount };
        const deadline = this.height + s.blocks;
        const allowed = s.payer !== s.payee && s.amount > 0n && s.blocks >= 0n && !this.blocked.has(s.payee);
        if (!allowed || this.balance(s.payer, price.denom) < s.amount) return false;
        this.pay(s.payer, price, -1n);
        this.deals.push({
          payer: s.payer,
          payee: s.payee,
          price,
          deadline,
          terms: s.terms,
          status: "PROPOSED",
          retry: 0n,
        });
        return true;
      }
      case "accept": {
        const deal = this.deals[s.deal];
        if (deal?.status !== "PROPOSED" || s.stranger || s.otherTerms || this.height > deal.deadline) return false;
        deal.status = "ACTIVE";
        return true;
      }
      case "settle": {
        const deal = this.deals[s.deal];
        if (deal?.status !== "ACTIVE" || s.stranger || this.height > deal.deadline) return false;
        if (this.blocked.has(deal.payee)) return false;
        deal.status = "SETTLED";
        this.pay(deal.payee, deal.price, 1n);
        return true;
      }
      default:
        return true;
    }
  }

  endBlock(): void {
    for (const deal of this.deals) {
      const open = deal.status === "PROPOSED" || deal.status === "ACTIVE";
      const due = open ? this.height >= deal.deadline : deal.status === "REFUND_DUE" && this.height >= deal.retry;
      if (!due) continue;
      if (this.blocked.has(deal.payer)) {
        deal.status = "REFUND_DUE";
        deal.retry = this.height + REFUND_RETRY_BLOCKS;
      } else {
        deal.status = "EXPIRED";
        this.pay(deal.payer, deal.price, 1n);
      }
    }
  }
}

it("does what the model does, keeps every coin and every invariant", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (picked) => {
      const bank = createTestBank();
      const escrow = bankEscrow(bank);
      const module = agreements({ escrow });
      const world = createWorld([testBankModule, module]);
      const model = new Model();
      world.init();
      world.tx((ctx) => {
        for (const who of PEOPLE) for (const denom of DENOMS) bank.give(ctx, who, { denom, amount: START });
      });
      const terms = (n: number) => new Uint8Array(32).fill(n);

      function run(s: Step): boolean {
        try {
          world.tx((ctx) => {
            const { keeper } = module;
            if (s.do === "propose") {
              keeper.propose(ctx, {
                payer: PEOPLE[s.payer]!,
                payee: PEOPLE[s.payee]!,
                price: { denom: DENOMS[s.denom]!, amount: s.amount },
                termsHash: terms(s.terms),
                deadlineHeight: world.height + s.blocks,
              });
            } else if (s.do === "accept" || s.do === "settle") {
              const id = BigInt(s.deal + 1);
              const { payer = 0, payee = 0, terms: hash = 0 } = model.deals[s.deal] ?? {};
              const party = PEOPLE[((s.do === "accept" ? payee : payer) + (s.stranger ? 1 : 0)) % PEOPLE.length]!;
              if (s.do === "settle") keeper.settle(ctx, { payer: party, id });
              else keeper.accept(ctx, { payee: party, id, termsHash: terms(hash + (s.otherTerms ? 1 : 0)) });
            }
          });
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError);
          return false;
        }
      }

      for (const pick of picked) {
        // One of the deals so far, or the one that does not exist yet.
        const s = "deal" in pick ? { ...pick, deal: pick.deal % (model.deals.length + 1) } : pick;
        const before = world.dump();
        const done = run(s);
        expect(done).toBe(model.run(s));
        if (!done) expect(world.dump()).toBe(before);
        if (s.do === "toggle") {
          const address = PEOPLE[s.who]!;
          if (!model.blocked.delete(s.who)) model.blocked.add(s.who);
          if (!bank.blocked.delete(address)) bank.blocked.add(address);
        }
        if (s.do === "block" || s.do === "wait") {
          world.endBlock();
          model.endBlock();
          world.beginBlock();
          if (s.do === "wait") world.height += REFUND_RETRY_BLOCKS;
          model.height = world.height;
        }
        expect(world.broken()).toEqual([]);
      }

      world.query((ctx) => {
        for (const [index, deal] of model.deals.entries()) {
          const { status } = module.keeper.get(ctx, BigInt(index + 1));
          expect(status).toBe(AgreementStatus[`AGREEMENT_STATUS_${deal.status}`]);
        }
        for (const denom of DENOMS) {
          for (const [index, who] of PEOPLE.entries()) {
            expect(bank.balance(ctx, who, denom)).toBe(model.balance(index, denom));
          }
          const people = PEOPLE.reduce((sum, who) => sum + bank.balance(ctx, who, denom), 0n);
          expect(people + bank.balance(ctx, escrow.address(ctx), denom)).toBe(BigInt(PEOPLE.length) * START);
        }
        const genesis = module.genesis.export(ctx);
        module.genesis.validate(genesis, TEST_PREFIX);
      });
    }),
    { numRuns: 150 },
  );
}, 60_000);
