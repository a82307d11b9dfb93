import { GenesisState, type Params, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { GenesisState as OwnGenesis } from "@interfirm/proto/gen/interfirm/governance/v1";
import { parseAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { checkCoins, formatCoins, sumCoins } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import type { Genesis } from "../kernel/module.ts";
import { nsToTimestamp, type Timestamp, timestampToNs } from "../kernel/time.ts";
import type { Bank } from "./deposits.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { checkOwnParams, checkParams, DEFAULT_OWN_PARAMS, defaultParams, params } from "./params.ts";
import { saveProposal } from "./records.ts";
import { GOV, state } from "./state.ts";
import { checkChoices, checkSplit } from "./votes.ts";

/** Denomination of deposits on a chain whose genesis does not say: that of its stake. */
const DEPOSIT_DENOM_DEFAULT = "ufirm";

const EMPTY_OWN: OwnGenesis = {
  params: DEFAULT_OWN_PARAMS,
  proposals: [],
  choiceVotes: [],
  snapshots: [],
  snapshotDelegations: [],
  proposalSnapshots: [],
  nextSnapshotId: 1n,
  tallies: [],
  settlements: [],
  closedUntil: undefined,
};

const EMPTY: GenesisState = {
  startingProposalId: 1n,
  deposits: [],
  votes: [],
  proposals: [],
  depositParams: undefined,
  votingParams: undefined,
  tallyParams: undefined,
  params: defaultParams(DEPOSIT_DENOM_DEFAULT),
  constitution: "",
};

const paramsOf = ({ params: value }: GenesisState): Params => {
  if (!value) throw fail.badGenesis("params are missing, want them");
  return value;
};

function checkOnce(seen: Set<string>, name: string, what: string): void {
  if (seen.has(name)) throw fail.badGenesis(`${what} ${name} is there twice, want it once`);
  seen.add(name);
}

/** Source of the rules for the SDK's part: Cosmos SDK 0.53 x/gov/types/v1/genesis.go, `ValidateGenesis`. */
function validate(genesisState: GenesisState, addressPrefix: string): void {
  const { startingProposalId, proposals, deposits, votes, interfirm = EMPTY_OWN } = genesisState;
  if (startingProposalId === 0n) throw fail.badGenesis("starting proposal id must be greater than 0");
  checkParams(paramsOf(genesisState), addressPrefix);
  checkOwnParams(interfirm.params, addressPrefix);
  const ids = new Set<string>();
  const voting = new Set<string>();
  for (const { id, status, depositEndTime, votingEndTime } of proposals) {
    checkOnce(ids, `${id}`, "proposal");
    if (id === 0n || id >= startingProposalId) {
      throw fail.badGenesis(`proposal ${id} is not below the starting id ${startingProposalId}`);
    }
    if (status < ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD || status > ProposalStatus.PROPOSAL_STATUS_FAILED) {
      throw fail.badGenesis(`status of proposal ${id} is ${status}, want 1 to 5`);
    }
    if (status === ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD && !depositEndTime) {
      throw fail.badGenesis(`proposal ${id} has no deposit_end_time, want one`);
    }
    if (status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD) {
      if (!votingEndTime) throw fail.badGenesis(`proposal ${id} has no voting_end_time, want one`);
      voting.add(`${id}`);
    }
    for (const time of [depositEndTime, votingEndTime]) if (time) timestampToNs(time);
  }
  const settling = new Set(interfirm.settlements.map(({ proposalId }) => `${proposalId}`));
  const owners = new Set<string>();
  for (const { proposalId, depositor, amount } of deposits) {
    if (!ids.has(`${proposalId}`) && !settling.has(`${proposalId}`)) {
      throw fail.badGenesis(`deposit of ${depositor} has non-existent proposal id: ${proposalId}`);
    }
    parseAddress(depositor, addressPrefix);
    checkOnce(owners, `${proposalId}/${depositor}`, "deposit");
    checkCoins(amount);
  }
  const voters = new Set<string>();
  for (const { proposalId, voter, options } of votes) {
    if (!ids.has(`${proposalId}`))
      throw fail.badGenesis(`vote of ${voter} has non-existent proposal id: ${proposalId}`);
    parseAddress(voter, addressPrefix);
    checkOnce(voters, `${proposalId}/${voter}`, "vote");
    checkSplit(options);
  }
  validateOwn(interfirm, ids, voting, addressPrefix);
}

function validateOwn(own: OwnGenesis, ids: ReadonlySet<string>, voting: ReadonlySet<string>, prefix: string): void {
  const detailed = new Map<string, number>();
  for (const { proposalId, choices } of own.proposals) {
    if (!ids.has(`${proposalId}`)) throw fail.badGenesis(`details of proposal ${proposalId}, which does not exist`);
    if (detailed.has(`${proposalId}`)) throw fail.badGenesis(`details of proposal ${proposalId} are there twice`);
    detailed.set(`${proposalId}`, choices.length);
  }
  const voters = new Set<string>();
  for (const { proposalId, voter, options } of own.choiceVotes) {
    parseAddress(voter, prefix);
    checkOnce(voters, `${proposalId}/${voter}`, "vote");
    checkChoices(options, detailed.get(`${proposalId}`) ?? 0);
  }
  const snapshots = new Set<string>();
  for (const { id } of own.snapshots) {
    checkOnce(snapshots, `${id}`, "snapshot");
    if (id === 0n || id >= own.nextSnapshotId) throw fail.badGenesis(`snapshot ${id} is not below the next id`);
  }
  const assigned = new Set<string>();
  for (const { proposalId, snapshotId } of own.proposalSnapshots) {
    checkOnce(assigned, `${proposalId}`, "snapshot of proposal");
    if (!voting.has(`${proposalId}`))
      throw fail.badGenesis(`proposal ${proposalId} has a snapshot but is not voted on`);
    if (snapshotId !== 0n && !snapshots.has(`${snapshotId}`)) {
      throw fail.badGenesis(`snapshot ${snapshotId} of proposal ${proposalId} does not exist`);
    }
  }
  for (const { delegatorAddress, validatorAddress } of own.snapshotDelegations) {
    parseAddress(delegatorAddress, prefix);
    parseAddress(validatorAddress, `${prefix}valoper`);
  }
  if (own.closedUntil && timestampToNs(own.closedUntil) < 0n) throw fail.badGenesis("closed_until is before 1970");
  for (const { proposalId } of own.tallies) {
    if (!voting.has(`${proposalId}`)) throw fail.badGenesis(`count of proposal ${proposalId}, which is not voted on`);
  }
}

export const genesis = (keeper: Keeper, bank: Bank): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: EMPTY,
  validate,

  init(ctx, genesisState) {
    const { startingProposalId, proposals, deposits, votes, constitution, interfirm = EMPTY_OWN } = genesisState;
    state.nextId.set(ctx, startingProposalId);
    state.params.set(ctx, paramsOf(genesisState));
    state.ownParams.set(ctx, interfirm.params);
    state.constitution.set(ctx, constitution);
    keeper.accounts.openModuleAccount(ctx, GOV);

    const total = sumCoins(deposits.flatMap(({ amount }) => amount));
    const balance = bank.balances(ctx, govAuthority(ctx.addressPrefix));
    if (formatCoins(total) !== formatCoins(balance)) {
      throw fail.badGenesis(`expected module account was ${formatCoins(balance)} but we got ${formatCoins(total)}`);
    }
    for (const deposit of deposits) state.deposits.set(ctx, [deposit.proposalId, deposit.depositor], deposit);
    for (const { denom, amount } of total) state.held.set(ctx, denom, amount);
    for (const vote of votes) state.votes.set(ctx, [vote.proposalId, vote.voter], vote);
    for (const proposal of proposals) {
      const { id, status, depositEndTime, votingEndTime } = proposal;
      if (status === ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD && depositEndTime) {
        state.inactive.set(ctx, [timestampToNs(depositEndTime), id], id);
      }
      if (status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD && votingEndTime) {
        state.active.set(ctx, [timestampToNs(votingEndTime), id], id);
        // A file of other tools has no snapshots: the end of the first block takes them.
        state.snapshotOf.set(ctx, id, 0n);
      }
      saveProposal(ctx, proposal);
    }
    initOwn(ctx, interfirm);
  },

  export: (ctx) => ({
    ...EMPTY,
    startingProposalId: state.nextId.peek(ctx),
    deposits: [...state.deposits.values(ctx)],
    votes: [...state.votes.values(ctx)],
    proposals: [...state.proposals.values(ctx)],
    params: params(ctx),
    constitution: state.constitution.get(ctx) ?? "",
    interfirm: exportOwn(ctx),
  }),
});

function initOwn(ctx: Parameters<Genesis<GenesisState>["init"]>[0], own: OwnGenesis): void {
  if (own.closedUntil) state.closedUntil.set(ctx, timestampToNs(own.closedUntil));
  state.nextSnapshotId.set(ctx, own.nextSnapshotId === 0n ? 1n : own.nextSnapshotId);
  for (const details of own.proposals) state.details.set(ctx, details.proposalId, details);
  for (const vote of own.choiceVotes) state.choiceVotes.set(ctx, [vote.proposalId, vote.voter], vote);
  for (const snapshot of own.snapshots) state.snapshots.set(ctx, snapshot.id, snapshot);
  for (const { proposalId, snapshotId } of own.proposalSnapshots) state.snapshotOf.set(ctx, proposalId, snapshotId);
  for (const { snapshotId, delegatorAddress, validatorAddress, shares } of own.snapshotDelegations) {
    state.history.set(ctx, [delegatorAddress, validatorAddress, snapshotId], shares);
    state.historyBySnapshot.add(ctx, [snapshotId, delegatorAddress, validatorAddress]);
  }
  for (const tally of own.tallies) state.tallies.set(ctx, tally.proposalId, tally);
  for (const settlement of own.settlements) {
    state.settlements.set(ctx, [settlement.height, settlement.proposalId], settlement);
  }
}

function closedUntilOf(ctx: QueryCtx): Timestamp | undefined {
  const time = state.closedUntil.get(ctx);
  return time === undefined ? undefined : nsToTimestamp(time);
}

const exportOwn = (ctx: QueryCtx): OwnGenesis => ({
  closedUntil: closedUntilOf(ctx),
  params: state.ownParams.get(ctx) ?? DEFAULT_OWN_PARAMS,
  proposals: [...state.details.values(ctx)],
  choiceVotes: [...state.choiceVotes.values(ctx)],
  snapshots: [...state.snapshots.values(ctx)],
  snapshotDelegations: Array.from(
    state.history.entries(ctx),
    ([[delegatorAddress, validatorAddress, snapshotId], shares]) => ({
      snapshotId,
      delegatorAddress,
      validatorAddress,
      shares,
    }),
  ),
  proposalSnapshots: Array.from(state.snapshotOf.entries(ctx), ([proposalId, snapshotId]) => ({
    proposalId,
    snapshotId,
  })),
  nextSnapshotId: state.nextSnapshotId.peek(ctx),
  tallies: [...state.tallies.values(ctx)],
  settlements: [...state.settlements.values(ctx)],
});
