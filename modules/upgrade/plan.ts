import type { Plan } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { quote, toUtf8 } from "../kernel/bytes.ts";
import { sdkError } from "../kernel/sdk-errors.ts";

/** Longest name. It becomes the name of a folder of cosmovisor's, and stands in lines of logs that operators search for. */
export const NAME_MAX = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
/** Longest info, in bytes: addresses and checksums of builds for some platforms. */
export const INFO_BYTES_MAX = 10_000;

/** Go's zero time, which the SDK writes in every plan: 0001-01-01T00:00:00Z. */
export const ZERO_TIME = { seconds: -62_135_596_800n, nanos: 0 } as const;

/** Throws `sdk/18` unless the text can be a plan's name. */
export function checkName(name: string): void {
  if (name === "") throw sdkError.invalidRequest("name cannot be empty");
  if (name.length > NAME_MAX || !NAME.test(name)) {
    throw sdkError.invalidRequest(
      `name is ${quote(name)}, want 1 to ${NAME_MAX} letters, digits, points, hyphens, underscores and pluses`,
    );
  }
}

/** Throws `sdk/18`. Source: x/upgrade v0.2.0 types/plan.go `ValidateBasic`; the bounds of name and info are ours. */
export function checkPlan({ name, time, height, info, upgradedClientState }: Plan): void {
  // A client that leaves the time out means the same, so 1970 passes, too.
  if ((time.seconds !== ZERO_TIME.seconds && time.seconds !== 0n) || time.nanos !== 0) {
    throw sdkError.invalidRequest("time-based upgrades have been deprecated in the SDK");
  }
  if (upgradedClientState) throw sdkError.invalidRequest("upgrade logic for IBC has been moved to the IBC module");
  checkName(name);
  if (height <= 0n) throw sdkError.invalidRequest(`height is ${height}: height must be greater than 0`);
  const length = toUtf8(info).length;
  if (length > INFO_BYTES_MAX) {
    throw sdkError.invalidRequest(`info has ${length} bytes, want at most ${INFO_BYTES_MAX}`);
  }
}
