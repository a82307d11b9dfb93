import type { Commission } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { format } from "../kernel/decimal.ts";

/** A commission as Go's gogoproto prints it in one line, which is what the SDK puts into an event. */
export function commissionText({ commissionRates, updateTime }: Commission): string {
  const { rate, maxRate, maxChangeRate } = commissionRates;
  const rates = `rate:"${format(rate)}" max_rate:"${format(maxRate)}" max_change_rate:"${format(maxChangeRate)}" `;
  return `commission_rates:<${rates}> update_time:<seconds:${updateTime.seconds} nanos:${updateTime.nanos} > `;
}
