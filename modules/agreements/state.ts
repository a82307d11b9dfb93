import {
  type Agreement,
  AgreementStatus,
  Agreement as AgreementType,
} from "@interfirm/proto/gen/interfirm/agreements/v1";
import { defineState, index } from "../kernel/collections.ts";
import { address, textLast, u64 } from "../kernel/keys.ts";
import { intText } from "../kernel/values.ts";

/** Whether the two parties can still act on it: before its deadline is over. */
export const isOpen = ({ status }: Agreement): boolean =>
  status === AgreementStatus.AGREEMENT_STATUS_PROPOSED || status === AgreementStatus.AGREEMENT_STATUS_ACTIVE;

/** Whether escrow holds its price. */
export const isOwed = (agreement: Agreement): boolean =>
  isOpen(agreement) || agreement.status === AgreementStatus.AGREEMENT_STATUS_REFUND_DUE;

/** The height at whose end a refund is tried, if any. */
const refundHeights = (agreement: Agreement): readonly bigint[] => {
  if (isOpen(agreement)) return [agreement.deadlineHeight];
  return isOwed(agreement) ? [agreement.refundHeight] : [];
};

/**
 * State layout. Prefixes are consensus: never reused, never renumbered.
 *
 *     0x00                            → u64, the next agreement id (ids start at 1)
 *     0x01 | id:8                     → Agreement
 *     0x02 | len:1 | party | id:8     → 01, one entry for the payer and one for the payee
 *     0x03 | height:8 | id:8          → 01, agreements whose price is in escrow, by the height that ends with their refund
 *     0x04 | denom                    → decimal text, what escrow owes
 */
export const state = defineState("agreements", (store) => ({
  nextId: store.sequence(0x00),
  agreements: store.indexedMap(0x01, u64, AgreementType, {
    party: index(0x02, address, (a: Agreement) => [a.payer, a.payee]),
    refund: index(0x03, u64, refundHeights),
  }),
  owed: store.map(0x04, textLast, intText),
}));
