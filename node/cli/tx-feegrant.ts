/** The command of feegrant in the SDK's form, beside those that the descriptors make. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Command } from "commander";
import { addressResolver } from "./addresses.ts";
import type { Context } from "./context.ts";
import { listFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

const FLAGS: Readonly<Record<string, string>> = {
  "--spend-limit <coins>": "fees in all: 1000ufirm (default: no limit)",
  "--expiration <time>": "when it ends: 2030-01-30T15:04:05Z (default: never)",
  "--period <seconds>": "length of a period with a limit of its own",
  "--period-limit <coins>": "fees in each period",
};

const LISTS: Readonly<Record<string, string>> = {
  "--allowed-messages <type-urls>": "only for transactions of these messages, separated by commas",
};

export function registerAllowances(feegrant: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const give = feegrant
    .command("grant <granter> <grantee>")
    .description("lets the granter pay the fees of another account")
    .action(run(async (context, granter: string, grantee: string) => grant(context, granter, grantee)));
  valueFlags(give, FLAGS);
  listFlags(give, LISTS);
  addTxFlags(give);
}

async function grant(context: Context, granter: string, who: string): Promise<void> {
  const { MsgGrantAllowance } = await import("@interfirm/proto/gen/cosmos/feegrant/v1beta1");
  const allowance = await allowanceOf(context);
  const grantee = await addressResolver(context)(who);
  const from = await signerOf(context, granter);
  await sendMessages(context, from, [packAny(MsgGrantAllowance, { granter: from.address, grantee, allowance })]);
}

async function allowanceOf({ flags }: Context): Promise<Any> {
  const { AllowedMsgAllowance, BasicAllowance, PeriodicAllowance } = await import(
    "@interfirm/proto/gen/cosmos/feegrant/v1beta1"
  );
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { NS_PER_SECOND, nsToTimestamp, rfc3339ToNs } = await import("@interfirm/modules/kernel/time");
  const end = flags.text("expiration") ?? "";
  const endNs = end === "" ? undefined : rfc3339ToNs(end);
  const basic = {
    spendLimit: parseCoins(flags.text("spend-limit") ?? ""),
    expiration: endNs === undefined ? undefined : nsToTimestamp(endNs),
  };
  const seconds = flags.count("period") ?? 0n;
  const limit = parseCoins(flags.text("period-limit") ?? "");
  if (seconds > 0n !== limit.length > 0) throw new Error("a periodic allowance wants --period and --period-limit");
  const firstResetNs = BigInt(Date.now()) * 1_000_000n + seconds * NS_PER_SECOND;
  if (seconds > 0n && endNs !== undefined && firstResetNs > endNs) {
    throw new Error(`period is ${seconds} s, want one that ends before the expiration ${end}`);
  }
  const allowance =
    seconds === 0n
      ? packAny(BasicAllowance, basic)
      : packAny(PeriodicAllowance, {
          basic,
          period: { seconds, nanos: 0 },
          periodSpendLimit: limit,
          periodCanSpend: limit,
          periodReset: nsToTimestamp(firstResetNs),
        });
  const allowedMessages = flags.list("allowed-messages");
  return allowedMessages.length === 0 ? allowance : packAny(AllowedMsgAllowance, { allowance, allowedMessages });
}
