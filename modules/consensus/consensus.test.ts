import type { MsgUpdateParams } from "@interfirm/proto/gen/cosmos/consensus/v1";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { govAuthority } from "../kernel/authority.ts";
import { ChainError } from "../kernel/errors.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import { consensus } from "./module.ts";
import { BLOCK_BYTES_MAX, BLOCK_BYTES_ROOM, checkParams } from "./params.ts";
import { state } from "./state.ts";

const DEFAULTS = {
  block: { maxBytes: 22_020_096n, maxGas: -1n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 1_048_576n },
  validator: { pubKeyTypes: ["ed25519"] },
  version: { app: 3n },
  abci: { voteExtensionsEnableHeight: 0n },
} as const satisfies ConsensusParams;

const authority = govAuthority(TEST_PREFIX);
const { block, evidence, validator } = DEFAULTS;
const UPDATE: MsgUpdateParams = { authority, block, evidence, validator, abci: undefined };

function setup(params: ConsensusParams = DEFAULTS) {
  const module = consensus();
  const world = createWorld([module], { height: 10n });
  world.init();
  world.tx((ctx) => module.keeper.init(ctx, params));
  const update = (parts: Partial<MsgUpdateParams>) =>
    world.tx((ctx) => module.keeper.update(ctx, { ...UPDATE, ...parts }));
  const params_ = () => world.query((ctx) => module.keeper.params(ctx));
  return { module, world, update, params: params_ };
}

describe("consensus", () => {
  it("replaces what governance gives and keeps the rest", () => {
    const s = setup();
    s.update({ block: { maxBytes: 2_000_000n, maxGas: 50_000_000n } });
    expect(s.params()).toEqual({ ...DEFAULTS, block: { maxBytes: 2_000_000n, maxGas: 50_000_000n } });
    expect(s.world.events.at(-1)?.type).toBe("update_consensus_params");
    s.update({ abci: { voteExtensionsEnableHeight: 11n } });
    expect(s.params()).toEqual({ ...DEFAULTS, abci: { voteExtensionsEnableHeight: 11n } });
  });

  it("says what has changed since, as a whole, or nothing", () => {
    const s = setup();
    const before = s.params();
    const changed = () => s.world.query((ctx) => s.module.keeper.changedSince(ctx, before));
    s.update({});
    expect(changed()).toBeUndefined();
    s.update({ block: { ...block, maxGas: 2_000_000n } });
    expect(changed()).toEqual({ ...DEFAULTS, block: { ...block, maxGas: 2_000_000n } });
  });

  it("is for governance alone", () => {
    expect(() => setup().update({ authority: addr("mallory") })).toThrow(
      expect.objectContaining({ codespace: "gov", code: 13 }),
    );
  });

  const bad: readonly (readonly [string, number, Partial<MsgUpdateParams>])[] = [
    ["no block", 3, { block: undefined }],
    ["no evidence", 3, { evidence: undefined }],
    ["no validator", 3, { validator: undefined }],
    ["blocks of no bytes", 2, { block: { ...block, maxBytes: 0n } }],
    ["blocks of −2 bytes", 2, { block: { ...block, maxBytes: -2n } }],
    ["blocks above 100 MiB", 2, { block: { ...block, maxBytes: BLOCK_BYTES_MAX + 1n } }],
    ["blocks without room beside evidence", 2, { block: { ...block, maxBytes: 1_048_576n + BLOCK_BYTES_ROOM - 1n } }],
    [
      "evidence that fills any block",
      2,
      { block: { ...block, maxBytes: -1n }, evidence: { ...evidence, maxBytes: BLOCK_BYTES_MAX } },
    ],
    ["evidence above the block", 2, { evidence: { ...evidence, maxBytes: block.maxBytes + 1n } }],
    ["negative evidence", 2, { evidence: { ...evidence, maxBytes: -1n } }],
    ["gas of −2", 2, { block: { ...block, maxGas: -2n } }],
    ["no gas", 2, { block: { ...block, maxGas: 0n } }],
    ["no age in blocks", 2, { evidence: { ...evidence, maxAgeNumBlocks: 0n } }],
    ["no age in time", 2, { evidence: { ...evidence, maxAgeDuration: { seconds: 0n, nanos: 0 } } }],
    ["a negative age", 2, { evidence: { ...evidence, maxAgeDuration: { seconds: -1n, nanos: 0 } } }],
    ["an age past 63 bits", 2, { evidence: { ...evidence, maxAgeDuration: { seconds: 9_223_372_037n, nanos: 0 } } }],
    ["no key type", 2, { validator: { pubKeyTypes: [] } }],
    ["an unknown key type", 2, { validator: { pubKeyTypes: ["ed25519", "bls12_381"] } }],
    ["a key type twice", 2, { validator: { pubKeyTypes: ["ed25519", "ed25519"] } }],
    ["a key type taken away", 2, { validator: { pubKeyTypes: ["secp256k1"] } }],
    ["V6: vote extensions in the past", 2, { abci: { voteExtensionsEnableHeight: 10n } }],
    ["vote extensions at a negative height", 2, { abci: { voteExtensionsEnableHeight: -1n } }],
  ];
  it.each(bad)("refuses %s", (_, code, parts) => {
    const s = setup();
    expect(() => s.update(parts)).toThrow(expect.objectContaining({ codespace: "consensus", code }));
    expect(s.params()).toEqual(DEFAULTS);
  });

  it("V6: never takes vote extensions back", () => {
    const s = setup({ ...DEFAULTS, abci: { voteExtensionsEnableHeight: 5n } });
    const refused = expect.objectContaining({ codespace: "consensus", code: 2 });
    expect(() => s.update({ abci: { voteExtensionsEnableHeight: 0n } })).toThrow(refused);
    expect(() => s.update({ abci: { voteExtensionsEnableHeight: 20n } })).toThrow(refused);
    s.update({ abci: { voteExtensionsEnableHeight: 5n } });
  });

  it("accepts every genesis that CometBFT accepts", () => {
    checkParams({ ...DEFAULTS, block: { maxBytes: -1n, maxGas: 0n }, abci: undefined, version: undefined });
    checkParams({ ...DEFAULTS, block: { maxBytes: 1n, maxGas: -1n }, evidence: { ...evidence, maxBytes: 0n } });
  });

  it("answers any update with a typed error or sound parameters", () => {
    const int64 = fc.oneof(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), fc.bigInt(-3n, 200_000_000n));
    const arbitrary = fc.record({
      block: fc.record({ maxBytes: int64, maxGas: int64 }),
      evidence: fc.record({
        maxAgeNumBlocks: int64,
        maxAgeDuration: fc.record({ seconds: int64, nanos: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) }),
        maxBytes: int64,
      }),
      validator: fc.record({ pubKeyTypes: fc.array(fc.constantFrom("ed25519", "secp256k1", "", "x")) }),
      abci: fc.option(fc.record({ voteExtensionsEnableHeight: int64 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitrary, (parts) => {
        const s = setup();
        try {
          s.update(parts);
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError);
        }
        expect(s.world.broken()).toEqual([]);
      }),
    );
  });

  it("has no parameters before genesis", () => {
    const module = consensus();
    const world = createWorld([module]);
    expect(() => world.query((ctx) => module.keeper.params(ctx))).toThrow(
      expect.objectContaining({ codespace: "consensus", code: 4 }),
    );
  });
});

moduleLaws("consensus", () => {
  const module = consensus();
  return {
    module,
    prepare: (world) => world.tx((ctx) => module.keeper.init(ctx, DEFAULTS)),
    fill: (world) => world.tx((ctx) => module.keeper.update(ctx, UPDATE)),
  };
});

readmeLaws({
  module: consensus(),
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["update_consensus_params"],
});
