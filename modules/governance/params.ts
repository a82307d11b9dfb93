import type { Params } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Params as OwnParams } from "@interfirm/proto/gen/interfirm/governance/v1";
import { parseAddress } from "../kernel/address.ts";
import { quote } from "../kernel/bytes.ts";
import { amountOf, type Coins, checkCoins, formatCoins } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { type Dec, format, ONE, parse } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { NS_PER_SECOND, type Timestamp } from "../kernel/time.ts";
import { state } from "./state.ts";

/** Longest metadata and title, in bytes; a summary may have 40 times as many. Source: SDK x/gov `DefaultConfig`. */
export const METADATA_BYTES_MAX = 255;
export const SUMMARY_BYTES_MAX = 40 * METADATA_BYTES_MAX;
/** Messages of a proposal, of all its options together. */
export const MESSAGES_MAX = 100;
export const CHOICES_MIN = 2;
export const CHOICES_MAX = 8;

const DAY = 86_400n;
const seconds = (value: bigint): Timestamp => ({ seconds: value, nanos: 0 });
/** Ten years: beyond it a period is a slip of the pen, and times could pass the year 9999. */
const PERIOD_SECONDS_MAX = 3650n * DAY;

/** The SDK's, but for the denomination. Source: Cosmos SDK 0.53 x/gov/types/v1/params.go. */
export const defaultParams = (denom: string): Params => ({
  minDeposit: [{ denom, amount: 10_000_000n }],
  maxDepositPeriod: seconds(2n * DAY),
  votingPeriod: seconds(2n * DAY),
  quorum: format(334n * 10n ** 15n),
  threshold: format(5n * 10n ** 17n),
  vetoThreshold: format(334n * 10n ** 15n),
  minInitialDepositRatio: format(0n),
  proposalCancelRatio: format(5n * 10n ** 17n),
  proposalCancelDest: "" as Params["proposalCancelDest"],
  expeditedVotingPeriod: seconds(DAY),
  expeditedThreshold: format(667n * 10n ** 15n),
  expeditedMinDeposit: [{ denom, amount: 50_000_000n }],
  burnVoteQuorum: false,
  burnProposalDepositPrevote: false,
  burnVoteVeto: true,
  minDepositRatio: format(10n ** 16n),
});

/**
 * A week to try again; two fifths of the votes pick an option; a tenth of all power rejects an optimistic proposal, which
 * may hold no messages until governance lists their types.
 */
export const DEFAULT_OWN_PARAMS: OwnParams = {
  retryWindow: seconds(7n * DAY),
  choiceThreshold: 4n * 10n ** 17n,
  optimisticRejectThreshold: 10n ** 17n,
  optimisticVotingPeriod: seconds(2n * DAY),
  optimisticProposers: [],
  optimisticMessages: [],
  messageRules: [],
};

/**
 * Messages that an optimistic proposal can never hold: they would widen what it may hold, or carry other messages.
 */
const NEVER_OPTIMISTIC: ReadonlySet<string> = new Set([
  "/cosmos.gov.v1.MsgUpdateParams",
  "/interfirm.governance.v1.MsgUpdateParams",
  "/cosmos.gov.v1.MsgSubmitProposal",
  "/cosmos.gov.v1beta1.MsgSubmitProposal",
  "/interfirm.governance.v1.MsgSubmitOptimisticProposal",
  "/interfirm.governance.v1.MsgSubmitMultipleChoiceProposal",
  "/cosmos.authz.v1beta1.MsgExec",
  "/cosmos.authz.v1beta1.MsgGrant",
]);

/** Most types that a list of the parameters may name. */
const LIST_MAX = 200;
const TYPE_URL_MAX = 200;

export const params = (ctx: QueryCtx): Params => {
  const found = state.params.get(ctx);
  if (!found) throw new Error("governance has no parameters, want those of genesis");
  return found;
};

/** Without gas: the SDK does not have them. */
export const ownParams = (ctx: QueryCtx): OwnParams =>
  ctx.gas.free(() => state.ownParams.get(ctx)) ?? DEFAULT_OWN_PARAMS;

/** Nanoseconds of a duration that was checked. */
export const durationNs = (duration: Timestamp | undefined): bigint =>
  duration ? duration.seconds * NS_PER_SECOND + BigInt(duration.nanos) : 0n;

/** Throws `sdk/18` on the first broken rule. Source: Cosmos SDK 0.53 x/gov/types/v1/params.go, `ValidateBasic`. */
export function checkParams(value: Params, addressPrefix: string): void {
  const { minDeposit, expeditedMinDeposit } = value;
  checkDeposit("minimum deposit", minDeposit);
  checkDeposit("expedited minimum deposit", expeditedMinDeposit);
  if (expeditedMinDeposit.every(({ denom, amount }) => amount <= amountOf(minDeposit, denom))) {
    const seen = formatCoins(expeditedMinDeposit);
    throw sdkError.invalidRequest(`expedited minimum deposit must be greater than minimum deposit: ${seen}`);
  }
  checkPeriod("maximum deposit period", value.maxDepositPeriod);
  checkShare("quorum", value.quorum, 0n);
  const threshold = checkShare("vote threshold", value.threshold, 1n);
  const expedited = checkShare("expedited vote threshold", value.expeditedThreshold, 1n);
  if (expedited <= threshold) {
    throw sdkError.invalidRequest(
      `expedited vote threshold ${format(expedited)}, must be greater than the regular threshold ${format(threshold)}`,
    );
  }
  checkShare("veto threshold", value.vetoThreshold, 1n);
  const voting = checkPeriod("voting period", value.votingPeriod);
  const expeditedVoting = checkPeriod("expedited voting period", value.expeditedVotingPeriod);
  if (expeditedVoting >= voting) {
    throw sdkError.invalidRequest("expedited voting period must be strictly less than the regular voting period");
  }
  checkShare("minimum initial deposit ratio", value.minInitialDepositRatio, 0n);
  checkShare("proposal cancel ratio", value.proposalCancelRatio, 0n);
  checkShare("minimum deposit ratio", value.minDepositRatio, 0n);
  if (value.proposalCancelDest !== "") parseAddress(value.proposalCancelDest, addressPrefix);
}

/** Throws `sdk/18` on the first broken rule. */
export function checkOwnParams(value: OwnParams, addressPrefix: string): void {
  checkPeriod("retry window", value.retryWindow);
  checkDecShare("choice threshold", value.choiceThreshold, 0n);
  checkDecShare("optimistic reject threshold", value.optimisticRejectThreshold, 1n);
  checkPeriod("optimistic voting period", value.optimisticVotingPeriod);
  checkList("optimistic proposers", value.optimisticProposers);
  for (const proposer of value.optimisticProposers) parseAddress(proposer, addressPrefix);
  checkList("optimistic messages", value.optimisticMessages);
  for (const typeUrl of value.optimisticMessages) {
    checkTypeUrl(typeUrl);
    if (NEVER_OPTIMISTIC.has(typeUrl)) {
      throw sdkError.invalidRequest(`optimistic message is ${typeUrl}, want one that cannot widen what they may be`);
    }
  }
  checkList(
    "message rules",
    value.messageRules.map(({ msgTypeUrl }) => msgTypeUrl),
  );
  for (const { msgTypeUrl, quorum, threshold } of value.messageRules) {
    checkTypeUrl(msgTypeUrl);
    checkDecShare(`quorum of ${msgTypeUrl}`, quorum, 0n);
    // At 1 nothing could ever pass, for a threshold must be exceeded.
    checkDecShare(`threshold of ${msgTypeUrl}`, threshold, 0n, ONE - 1n);
  }
}

function checkDeposit(what: string, coins: Coins): void {
  if (coins.length === 0) throw sdkError.invalidRequest(`invalid ${what}: no coins, want some`);
  checkCoins(coins);
}

/** Above 0 and at most ten years; returns nanoseconds. */
function checkPeriod(what: string, period: Timestamp | undefined): bigint {
  if (!period) throw sdkError.invalidRequest(`${what} must not be nil`);
  const ns = durationNs(period);
  if (ns <= 0n) throw sdkError.invalidRequest(`${what} must be positive: ${ns} ns`);
  if (ns > PERIOD_SECONDS_MAX * NS_PER_SECOND)
    throw sdkError.invalidRequest(`${what} is ${ns} ns, want at most 10 years`);
  return ns;
}

const checkShare = (what: string, text: string, least: Dec): Dec => checkDecShare(what, parse(text), least);

function checkDecShare(what: string, share: Dec, least: Dec, most: Dec = ONE): Dec {
  if (share < least)
    throw sdkError.invalidRequest(`${what} must be ${least === 0n ? "0 or more" : "positive"}: ${format(share)}`);
  if (share > most) throw sdkError.invalidRequest(`${what} too large: ${format(share)}`);
  return share;
}

function checkList(what: string, list: readonly string[]): void {
  if (list.length > LIST_MAX) throw sdkError.invalidRequest(`${what} are ${list.length}, want at most ${LIST_MAX}`);
  if (new Set(list).size !== list.length) throw sdkError.invalidRequest(`${what} have an entry twice, want each once`);
}

function checkTypeUrl(typeUrl: string): void {
  if (!typeUrl.startsWith("/") || typeUrl.length > TYPE_URL_MAX) {
    throw sdkError.invalidRequest(
      `type URL is ${quote(typeUrl)}, want one such as /cosmos.bank.v1beta1.MsgUpdateParams`,
    );
  }
}
