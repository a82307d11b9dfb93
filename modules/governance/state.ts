import { Deposit, Params, Proposal, Vote } from "@interfirm/proto/gen/cosmos/gov/v1";
import {
  ChoiceVote,
  Params as OwnParams,
  PowerSnapshot,
  ProposalDetails,
  Settlement,
  TallyProgress,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import { defineState, index } from "../kernel/collections.ts";
import { address, pair, sortableTime, textLast, triple, u64 } from "../kernel/keys.ts";
import { bytesValue, intText, textValue, u64Value } from "../kernel/values.ts";
import { operator } from "../staking/keys.ts";

/** Name of the module, of its store, of its account and of its errors. */
export const GOV = "gov";

/**
 * State layout: up to 0x31 the keys and values of the SDK's x/gov, so that its verifiers and its gas apply. What the SDK
 * does not have stands from 0x80 on, and is read and written without gas.
 *
 *     0x00 | id:8                  → Proposal
 *     0x01 | time:29 | id:8        → id, proposals that are voted on, by the end of voting
 *     0x02 | time:29 | id:8        → id, proposals that lack deposits, by the end of their time for it
 *     0x03                         → the next proposal id
 *     0x04 | id:8                  → 01, proposals that are voted on
 *     0x10 | id:8 | len:1 | depositor → Deposit
 *     0x20 | id:8 | len:1 | voter  → Vote, until it is counted
 *     0x30                         → Params
 *     0x31                         → the constitution
 *     0x80 | id:8                  → ProposalDetails, of proposals of our kinds and of those that failed
 *     0x81 | id:8 | len:1 | voter  → ChoiceVote, until it is counted
 *     0x82                         → our Params
 *     0x83                         → the next snapshot id
 *     0x84 | snapshot:8            → PowerSnapshot, while a proposal is voted on with it
 *     0x85 | id:8                  → snapshot id of a proposal that is voted on; 0 until the end of the block
 *     0x86 | snapshot:8 | id:8     → ∅, the same by snapshot
 *     0x87 | delegator | operator | snapshot:8 → shares in 10⁻¹⁸ before they changed
 *     0x88 | snapshot:8 | delegator | operator → ∅, the same by snapshot
 *     0x89 | id:8                  → TallyProgress, of a count that a block could not finish
 *     0x8a | height:8 | id:8       → Settlement, by the block that goes on with it
 *     0x8b | denom                 → sum of all deposits
 *     0x8c                         → time in ns of the last block, when it left proposals waiting whose time was over
 */
export const state = defineState(GOV, (store) => ({
  proposals: store.map(0x00, u64, Proposal),
  active: store.map(0x01, pair(sortableTime, u64), u64Value),
  inactive: store.map(0x02, pair(sortableTime, u64), u64Value),
  nextId: store.sequence(0x03),
  voting: store.map(0x04, u64, bytesValue),
  deposits: store.map(0x10, pair(u64, address), Deposit),
  votes: store.map(0x20, pair(u64, address), Vote),
  params: store.item(0x30, Params),
  constitution: store.item(0x31, textValue),
  details: store.map(0x80, u64, ProposalDetails),
  choiceVotes: store.map(0x81, pair(u64, address), ChoiceVote),
  ownParams: store.item(0x82, OwnParams),
  nextSnapshotId: store.sequence(0x83),
  snapshots: store.map(0x84, u64, PowerSnapshot),
  snapshotOf: store.indexedMap(0x85, u64, u64Value, {
    snapshot: index(0x86, u64, (snapshotId: bigint) => [snapshotId]),
  }),
  history: store.map(0x87, triple(address, operator, u64), intText),
  historyBySnapshot: store.keySet(0x88, triple(u64, address, operator)),
  tallies: store.map(0x89, u64, TallyProgress),
  settlements: store.map(0x8a, pair(u64, u64), Settlement),
  held: store.map(0x8b, textLast, intText),
  closedUntil: store.item(0x8c, u64Value),
}));
