/** Accounts, bank, staking, slashing and evidence, wired as the chain wires them, for tests. */
import { slashing } from "../slashing/module.ts";
import type { StakingHooks } from "../staking/hooks.ts";
import { composeStaking } from "../staking/testing.ts";
import type { Consensus } from "./keeper.ts";
import { evidence } from "./module.ts";

/** Evidence counts for 20 blocks or 100 seconds, whichever is longer. */
export const EVIDENCE_PARAMS = {
  maxAgeNumBlocks: 20n,
  maxAgeDuration: { seconds: 100n, nanos: 0 },
  maxBytes: 10_000n,
} as const;

const consensus: Consensus = { params: () => ({ evidence: EVIDENCE_PARAMS }) };

export function composePunishment() {
  const hooks: StakingHooks[] = [];
  const { accounts, money, stake } = composeStaking({ hooks });
  const jail = slashing({ staking: stake.keeper });
  hooks.push(jail.keeper.hooks);
  const proof = evidence({ staking: stake.keeper, slashing: jail.keeper, consensus });
  return { accounts, money, stake, jail, proof, list: [accounts, money, jail, proof, stake] as const };
}

export type Punishment = ReturnType<typeof composePunishment>;
