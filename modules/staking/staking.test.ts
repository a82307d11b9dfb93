import { describe, expect, it } from "vitest";
import { ONE } from "../kernel/decimal.ts";
import { keyOf, startStaking, UNIT } from "./testing.ts";
import { consensusAddressOf } from "./validator.ts";

const THREE_WEEKS = 1_814_400n;

describe("validators", () => {
  it("enter the set with the block in which they are created, the strongest first", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 20n * UNIT + 999_999n);
    expect(chain.block()).toEqual({ bob: 20n, alice: 10n });
    expect(chain.block()).toEqual({});
    expect(chain.world.broken()).toEqual([]);
  });

  it("stay in the set when nobody else is left", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.block();
    chain.world.tx((ctx) => chain.keeper.jail(ctx, consensusAddressOf(keyOf("alice"))));
    expect(chain.block()).toEqual({});
    expect(chain.world.broken()).toEqual([]);
    chain.create("bob", 1n * UNIT);
    expect(chain.block()).toEqual({ bob: 1n, alice: 0n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("unbond, are slashed where the stake went, and pay out", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    chain.delegate("carol", "alice", 7n * UNIT + 3n);
    expect(chain.block()).toEqual({ alice: 17n });
    chain.undelegate("carol", "alice", 2n * UNIT);
    chain.redelegate("carol", "alice", "bob", 1n * UNIT);
    expect(() => chain.redelegate("carol", "bob", "alice", 5n)).toThrow(
      /redelegation to this validator already in progress/,
    );
    expect(chain.block()).toEqual({ alice: 14n, bob: 11n });
    const { height } = chain.world;
    const burnt = chain.world.tx((ctx) =>
      chain.keeper.slash(ctx, consensusAddressOf(keyOf("alice")), height - 2n, 17n, ONE / 10n),
    );
    expect(burnt).toBe(1_400_000n);
    expect(chain.world.broken()).toEqual([]);
    chain.block(THREE_WEEKS);
    chain.block();
    expect(chain.balance("carol")).toBe(10n ** 15n - 7n * UNIT - 3n + 1_800_000n);
    expect(chain.world.broken()).toEqual([]);
  });
});
