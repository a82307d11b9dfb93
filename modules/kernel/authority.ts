import type { Address } from "@interfirm/proto/types";
import { moduleAddress } from "./address.ts";
import { defineErrors } from "./errors.ts";

/** The one error of the SDK's governance that other modules give. Source: Cosmos SDK 0.53 x/gov/types/errors.go. */
const govError = defineErrors("gov", {
  invalidSigner: [
    13,
    (seen: string, want: string) =>
      `invalid authority; expected ${want}, got ${seen}: expected gov account as only signer for proposal message`,
  ],
});

/** Who may change parameters: the account of governance, which no key controls. */
export const govAuthority = (addressPrefix: string): Address => moduleAddress("gov", addressPrefix);

/** Throws `gov/13` unless `signer` is the account of governance. */
export function checkGovAuthority(signer: string, addressPrefix: string): void {
  const want = govAuthority(addressPrefix);
  if (signer !== want) throw govError.invalidSigner(signer, want);
}
