import type { Commission } from "@interfirm/proto/gen/cosmos/staking/v1beta1";

/** A commission as Go's gogoproto prints it in one line, rates in units of 10⁻¹⁸: what the SDK puts into an event. */
export function commissionText({ commissionRates, updateTime: { seconds, nanos } }: Commission): string {
  const { rate, maxRate, maxChangeRate } = commissionRates;
  const rates = `rate:"${rate}" max_rate:"${maxRate}" max_change_rate:"${maxChangeRate}" `;
  const time = `${seconds === 0n ? "" : `seconds:${seconds} `}${nanos === 0 ? "" : `nanos:${nanos} `}`;
  return `commission_rates:<${rates}> update_time:<${time}> `;
}
