import type { Equivocation } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { BondStatus } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import { toHex } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { BlockInfo, Misbehavior } from "../kernel/module.ts";
import { NS_PER_SECOND } from "../kernel/time.ts";
import {
  checkEquivocation,
  EQUIVOCATION_ROUTE,
  equivocationHash,
  fromMisbehavior,
  packEquivocation,
  unpackEvidence,
} from "./equivocation.ts";
import { fail } from "./errors.ts";
import { state } from "./state.ts";

/** What evidence asks of staking. The consumer declares it; the keeper of `staking` satisfies it. */
export interface Staking {
  /** By its present key, or by one that it has replaced and can still be punished for. */
  validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): Validator | undefined;
  /** Of its present key. */
  consensusAddress(validator: Validator): Uint8Array;
}

/** What evidence asks of slashing. The keeper of `slashing` satisfies it. */
export interface Slashing {
  isTombstoned(ctx: QueryCtx, consensusAddress: Uint8Array): boolean;
  punishDoubleSign(
    ctx: Ctx,
    validator: Validator,
    consensusAddress: Uint8Array,
    infraction: { readonly height: bigint; readonly power: bigint },
  ): void;
}

/** What evidence asks of consensus parameters. The keeper of `consensus` satisfies it. */
export interface Consensus {
  params(ctx: QueryCtx): Pick<ConsensusParams, "evidence">;
}

export interface EvidenceDeps {
  readonly staking: Staking;
  readonly slashing: Slashing;
  readonly consensus: Consensus;
  /** Handlers of evidence that accounts hand in, by route. None, as the SDK has it: CometBFT brings what counts. */
  readonly routes?: ReadonlyMap<string, (ctx: Ctx, evidence: Equivocation) => void> | undefined;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ staking, slashing, consensus, routes }: EvidenceDeps) {
  /** By its hash. */
  const evidence = (ctx: QueryCtx, hash: Uint8Array): Any | undefined => state.evidence.get(ctx, hash);

  /** CometBFT accepts evidence until it is too old in both ways; so do we. */
  function isTooOld(ctx: QueryCtx, { height, time }: Misbehavior): boolean {
    const limits = consensus.params(ctx).evidence;
    if (!limits) return false;
    const { seconds, nanos } = limits.maxAgeDuration;
    const tooManyBlocks = ctx.height - height > limits.maxAgeNumBlocks;
    return tooManyBlocks && ctx.time - time > seconds * NS_PER_SECOND + BigInt(nanos);
  }

  /** What no block of this chain can have seen. CometBFT never reports it; in the SDK it would stop the chain. */
  const isImpossible = ({ height }: QueryCtx, misbehavior: Misbehavior): boolean =>
    misbehavior.height < 1n ||
    misbehavior.height > height ||
    misbehavior.power < 1n ||
    misbehavior.time < NS_PER_SECOND;

  /** Slashes, jails and tombstones once; evidence that cannot or need not be acted on is passed over. */
  function handle(ctx: Ctx, misbehavior: Misbehavior): void {
    // Lunatic and amnesia attacks are punished as double signatures, as in the SDK.
    if (misbehavior.kind === "unknown" || isImpossible(ctx, misbehavior)) return;
    const validator = staking.validatorByConsAddr(ctx, misbehavior.validator);
    if (!validator || validator.status === BondStatus.BOND_STATUS_UNBONDED) return;
    if (isTooOld(ctx, misbehavior)) return;
    if (slashing.isTombstoned(ctx, staking.consensusAddress(validator))) return;
    slashing.punishDoubleSign(ctx, validator, misbehavior.validator, misbehavior);
    const equivocation = fromMisbehavior(misbehavior, ctx);
    state.evidence.set(ctx, equivocationHash(equivocation), packEquivocation(equivocation));
  }

  return {
    evidence,

    /**
     * Punishes what CometBFT reports. Source: Cosmos SDK x/evidence v0.2.0 keeper/infraction.go.
     * Cost: a look-up for each piece, of which `evidence.max_bytes` bounds the number, and a slash for each validator.
     */
    beginBlock(ctx: Ctx, { misbehavior }: BlockInfo): void {
      for (const piece of misbehavior) {
        try {
          ctx.atomically((branch) => handle(branch, piece));
        } catch (error) {
          if (!(error instanceof ChainError)) throw error;
          ctx.emitRaw("evidence_failed", [
            ["validator", toHex(piece.validator)],
            ["height", piece.height.toString()],
            ["reason", error.message],
          ]);
        }
      }
    },

    /**
     * Hands evidence to the handler of its kind and keeps it. Returns its hash. Throws `evidence/3` when it is missing,
     * of another kind, unsound or refused by the handler, `evidence/5` when it is there already, `evidence/2` when no
     * handler takes it.
     */
    submit(ctx: Ctx, packed: Any | undefined): Uint8Array {
      if (!packed) throw fail.invalid("missing evidence");
      const equivocation = unpackEvidence(packed);
      checkEquivocation(equivocation);
      const hash = equivocationHash(equivocation);
      const hashText = toHex(hash).toUpperCase();
      if (evidence(ctx, hash)) throw fail.exists(hashText);
      const handler = routes?.get(EQUIVOCATION_ROUTE);
      if (!handler) throw fail.noHandler(EQUIVOCATION_ROUTE);
      try {
        handler(ctx, equivocation);
      } catch (error) {
        if (!(error instanceof ChainError) || error.codespace === "sdk") throw error;
        throw fail.invalid(error.message);
      }
      ctx.emitRaw("submit_evidence", [["evidence_hash", hashText]]);
      state.evidence.set(ctx, hash, packEquivocation(equivocation));
      return hash;
    },
  };
}
