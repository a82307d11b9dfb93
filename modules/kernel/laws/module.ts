import { describe, expect, it } from "vitest";
import type { AnyModule } from "../module.ts";
import { createWorld, TEST_PREFIX, type World } from "../testing.ts";

export interface ModuleUnderTest {
  readonly module: AnyModule;
  /** Modules that it works with, in the application's order, itself included. Only itself when left out. */
  readonly modules?: readonly AnyModule[];
  /** Brings the module into a state that shows all it can keep. */
  fill(world: World): void;
  /** State of other modules that genesis does not carry from one world to the next. */
  prepare?(world: World): void;
}

/** What every module must do. `create` composes it anew each time. */
export function moduleLaws(name: string, create: () => ModuleUnderTest): void {
  const open = () => {
    const subject = create();
    const modules = subject.modules ?? [subject.module];
    const world = createWorld(modules);
    subject.prepare?.(world);
    return { ...subject, modules, world };
  };
  const exported = ({ modules, world }: ReturnType<typeof open>): Record<string, unknown> =>
    Object.fromEntries(modules.map((m) => [m.name, world.query((ctx) => m.genesis.export(ctx))]));

  describe(`${name} obeys the laws of a module`, () => {
    it("accepts its empty genesis and starts from it with every invariant held", () => {
      const { module, world } = open();
      module.genesis.validate(module.genesis.empty, TEST_PREFIX);
      world.init();
      expect(world.broken()).toEqual([]);
    });

    it("rebuilds the same state from its exported genesis, byte for byte", () => {
      const first = open();
      first.world.init();
      first.fill(first.world);
      expect(first.world.broken()).toEqual([]);
      const genesis = exported(first);
      first.module.genesis.validate(genesis[first.module.name], TEST_PREFIX);

      const second = open();
      second.world.height = first.world.height;
      second.world.time = first.world.time;
      second.world.init(genesis);
      const key = first.module.storeKey ?? "";
      expect(second.world.dump(key)).toBe(first.world.dump(key));
      expect(second.world.broken()).toEqual([]);
      expect(exported(second)).toEqual(genesis);
    });

    it("exports a genesis that survives its wire form", () => {
      const subject = open();
      subject.world.init();
      subject.fill(subject.world);
      const { type } = subject.module.genesis;
      const state = subject.world.query((ctx) => subject.module.genesis.export(ctx));
      expect(type.decode(type.encode(state).finish())).toEqual(state);
    });

    it("ends and begins blocks after which every invariant holds", () => {
      const { fill, world } = open();
      world.init();
      fill(world);
      for (let block = 0; block < 5; block++) {
        world.beginBlock();
        world.endBlock();
        expect(world.broken()).toEqual([]);
      }
    });

    it("serves every method of its services", () => {
      const { module } = open();
      for (const { type, handlers } of [...(module.msgs ?? []), ...(module.queries ?? [])]) {
        expect(Object.keys(handlers).sort()).toEqual(Object.keys(type.methods).sort());
      }
    });
  });
}
