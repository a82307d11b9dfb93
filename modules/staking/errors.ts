import { defineErrors } from "../kernel/errors.ts";

/** What happened, then the SDK's own words, which wallets and explorers search for. */
const because = (why: string, root: string): string => `${why}: ${root}`;

/** Codes are consensus. Up to 45 they are those of the SDK's x/staking, from 100 on ours: append only. Messages are free to improve. */
export const fail = defineErrors("staking", {
  noValidator: [3, () => "validator does not exist"],
  operatorTaken: [
    4,
    () => "validator already exist for this operator address; must use new validator operator address",
  ],
  pubKeyTaken: [5, () => "validator already exist for this pubkey; must use new validator pubkey"],
  pubKeyTypeNotSupported: [
    6,
    (got: string, want: string) =>
      because(`got: ${got}, expected: [${want}]`, "validator pubkey type is not supported"),
  ],
  jailed: [7, () => "validator for this address is currently jailed"],
  cannotRemove: [8, (why: string) => because(why, "failed to remove validator")],
  commissionNegative: [9, (rate: string) => because(`commission is ${rate}`, "commission must be positive")],
  commissionHuge: [10, (rate: string) => because(`commission is ${rate}`, "commission cannot be more than 100%")],
  commissionAboveMax: [
    11,
    (rate: string, most: string) =>
      because(`commission is ${rate}, want at most ${most}`, "commission cannot be more than the max rate"),
  ],
  commissionUpdateTime: [12, () => "commission cannot be changed more than once in 24h"],
  changeRateNegative: [
    13,
    (rate: string) => because(`daily change is ${rate}`, "commission change rate must be positive"),
  ],
  changeRateAboveMax: [
    14,
    (rate: string, most: string) =>
      because(
        `daily change is ${rate}, want at most ${most}`,
        "commission change rate cannot be more than the max rate",
      ),
  ],
  commissionAboveChangeRate: [
    15,
    (change: string, most: string) =>
      because(
        `commission would rise by ${change}, want at most ${most}`,
        "commission cannot be changed more than max change rate",
      ),
  ],
  selfDelegationBelowMinimum: [
    16,
    (got: bigint, least: bigint) =>
      because(
        `self-delegation is ${got}, want at least ${least}`,
        "validator's self delegation must be greater than their minimum self delegation",
      ),
  ],
  minSelfDelegationDecreased: [
    17,
    (got: bigint, before: bigint) =>
      because(
        `minimum self-delegation is ${got}, want more than ${before}`,
        "minimum self delegation cannot be decrease",
      ),
  ],
  noDelegation: [19, () => "no delegation for (address, validator) tuple"],
  noDelegatorForAddress: [21, () => "delegator does not contain delegation"],
  insufficientShares: [22, () => "insufficient delegation shares"],
  notEnoughShares: [24, (shares: string) => because(shares, "not enough delegation shares")],
  noUnbondingDelegation: [26, () => "no unbonding delegation found"],
  maxUnbondingEntries: [27, () => "too many unbonding delegation entries for (delegator, validator) tuple"],
  noRedelegation: [28, () => "no redelegation found"],
  selfRedelegation: [29, () => "cannot redelegate to the same validator"],
  tinyRedelegation: [30, () => "too few tokens to redelegate (truncates to zero tokens)"],
  badRedelegationDst: [31, () => "redelegation destination validator not found"],
  transitiveRedelegation: [
    32,
    () =>
      "redelegation to this validator already in progress; first redelegation to this validator must complete before next redelegation",
  ],
  maxRedelegationEntries: [
    33,
    () => "too many redelegation entries for (delegator, src-validator, dst-validator) tuple",
  ],
  noExchangeRate: [34, () => "cannot delegate to validators with invalid (zero) ex-rate"],
  noHistoricalInfo: [38, () => "no historical info found"],
  emptyPubKey: [39, () => "empty validator public key"],
  commissionBelowMin: [
    40,
    (least: string) =>
      because(
        `cannot set validator commission to less than minimum rate of ${least}`,
        "commission cannot be less than min rate",
      ),
  ],
  badRedelegationSrc: [44, () => "redelegation source validator not found"],
  badGenesis: [100, (why: string) => `genesis: ${why}`],
  badParams: [101, (name: string, seen: string, want: string) => `${name} is ${seen}, want ${want}`],
  tooManyRotations: [
    102,
    (done: number, most: number) =>
      `consensus key was replaced ${done} times in one unbonding time, want fewer than ${most}`,
  ],
  tooMuchPower: [104, (power: bigint, most: bigint) => `validator would have ${power} power, want at most ${most}`],
  tooManyShares: [105, () => "shares of the validator would need more than 240 bits, want another validator"],
  tooManyRedelegations: [
    106,
    (open: bigint, most: bigint) =>
      `${open} redelegations from this validator are still open, want fewer than ${most}: undelegate, or wait`,
  ],
});
