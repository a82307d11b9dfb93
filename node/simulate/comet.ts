import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";
import { sha256 } from "../crypto/verify.ts";
import type { Random } from "./random.ts";

interface Member {
  readonly address: Uint8Array;
  readonly power: bigint;
}

/** Blocks from an update to the block that the new set signs. Source: CometBFT v0.38 spec/abci, `validator_updates`. */
const UPDATE_DELAY = 2n;
/** In a hundred blocks, how often a validator that is up goes down, and one that is down comes back. */
const DOWN_PERCENT = 2;
const UP_PERCENT = 12;
const EVIDENCE_PERCENT = 2;

/**
 * CometBFT's side of validators: which set signs which block, who is absent, who is caught signing twice. It applies
 * updates two blocks later, as the real one does, and refuses what would stop the real one.
 */
export class SimulatedComet {
  /** The set of each height that still matters, by consensus address in hex. */
  readonly #sets = new Map<bigint, ReadonlyMap<string, Member>>();
  readonly #down = new Set<string>();
  readonly #random: Random;

  constructor(random: Random, first: readonly ValidatorUpdate[], initialHeight: bigint) {
    this.#random = random;
    const genesis = apply(new Map(), first);
    this.#sets.set(initialHeight, genesis);
    this.#sets.set(initialHeight + 1n, genesis);
  }

  /** What FinalizeBlock of this height brings besides transactions. */
  block(
    height: bigint,
    time: bigint,
  ): Pick<abci.RequestFinalizeBlock, "decidedLastCommit" | "misbehavior" | "proposerAddress"> {
    const previous = this.#sets.get(height - 1n);
    const votes = [...(previous?.entries() ?? [])].map(([name, validator]) => this.#vote(name, validator));
    const current = [...this.#setAt(height).values()];
    const misbehavior = previous && this.#random.chance(EVIDENCE_PERCENT) ? [this.#evidence(height, time)] : [];
    return {
      decidedLastCommit: { round: 0, votes: votes.sort(byPower) },
      misbehavior,
      proposerAddress: this.#random.pick(current).address,
    };
  }

  /** Takes the updates of a height. Throws when CometBFT would. */
  update(height: bigint, updates: readonly ValidatorUpdate[]): void {
    const next = apply(this.#setAt(height + UPDATE_DELAY - 1n), updates);
    if (next.size === 0) throw new Error(`height ${height} leaves no validator`);
    this.#sets.set(height + UPDATE_DELAY, next);
    this.#sets.delete(height - 50n);
  }

  get size(): number {
    return [...this.#sets.values()].at(-1)?.size ?? 0;
  }

  #setAt(height: bigint): ReadonlyMap<string, Member> {
    const set = this.#sets.get(height);
    if (!set) throw new Error(`no validator set of height ${height}`);
    return set;
  }

  #vote(name: string, validator: Member): abci.VoteInfo {
    if (this.#down.has(name)) {
      if (this.#random.chance(UP_PERCENT)) this.#down.delete(name);
    } else if (this.#random.chance(DOWN_PERCENT)) {
      this.#down.add(name);
    }
    const blockIdFlag = this.#down.has(name) ? BlockIDFlag.BLOCK_ID_FLAG_ABSENT : BlockIDFlag.BLOCK_ID_FLAG_COMMIT;
    return { validator, blockIdFlag };
  }

  #evidence(height: bigint, time: bigint): abci.Misbehavior {
    const heights = [...this.#sets.keys()].filter((past) => past < height);
    const past = this.#random.pick(heights);
    const members = [...this.#setAt(past).values()];
    return abci.Misbehavior.fromPartial({
      type: this.#random.pick([abci.MisbehaviorType.DUPLICATE_VOTE, abci.MisbehaviorType.LIGHT_CLIENT_ATTACK]),
      validator: this.#random.pick(members),
      height: past,
      time: { seconds: time / 1_000_000_000n - (height - past) * 5n, nanos: 0 },
      totalVotingPower: members.reduce((sum, { power }) => sum + power, 0n),
    });
  }
}

const byPower = (a: abci.VoteInfo, b: abci.VoteInfo): number =>
  Number(b.validator.power - a.validator.power) || Buffer.compare(a.validator.address, b.validator.address);

function apply(set: ReadonlyMap<string, Member>, updates: readonly ValidatorUpdate[]): ReadonlyMap<string, Member> {
  const next = new Map(set);
  for (const { pubKey, power } of updates) {
    const address = sha256(pubKey).subarray(0, 20);
    const name = Buffer.from(address).toString("hex");
    if (power < 0n) throw new Error(`power of ${name} is ${power}, want 0 or more`);
    if (power === 0n && !next.delete(name)) throw new Error(`${name} is removed but not a validator`);
    if (power > 0n) next.set(name, { address, power });
  }
  return next;
}
