/** The command of vesting that takes a file in the SDK's form, beside those that the descriptors make. */

import type { Command } from "commander";
import { readJson } from "../config/files.ts";
import { addressResolver } from "./addresses.ts";
import type { Context } from "./context.ts";
import type { Run } from "./program.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

export function registerPeriods(vesting: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const create = vesting
    .command("create-periodic-vesting-account <to-address> <file>")
    .description(
      'makes an account whose coins become free part by part: {"start_time": …, "periods": [{"coins": "10ufirm", "length_seconds": …}]}',
    )
    .action(run(async (context, to: string, file: string) => createPeriodic(context, to, file)));
  addTxFlags(create);
}

async function createPeriodic(context: Context, to: string, file: string): Promise<void> {
  const { MsgCreatePeriodicVestingAccount } = await import("@interfirm/proto/gen/cosmos/vesting/v1beta1");
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { startTime, periods } = readPeriods(file);
  const vestingPeriods = periods.map(({ coins, length }) => ({ length, amount: parseCoins(coins) }));
  const toAddress = await addressResolver(context)(to);
  const from = await signerOf(context, undefined);
  const message = { fromAddress: from.address, toAddress, startTime, vestingPeriods };
  await sendMessages(context, from, [packAny(MsgCreatePeriodicVestingAccount, message)]);
}

interface Periods {
  readonly startTime: bigint;
  readonly periods: readonly { readonly coins: string; readonly length: bigint }[];
}

function readPeriods(file: string): Periods {
  const json = readJson(file) as { readonly start_time?: unknown; readonly periods?: unknown } | null;
  const { start_time, periods } = json ?? {};
  if (!Array.isArray(periods)) throw new Error(`${file} has no list of periods`);
  return {
    startTime: seconds("start_time", start_time),
    periods: periods.map(({ coins, length_seconds }) => ({
      coins: String(coins),
      length: seconds("length_seconds", length_seconds),
    })),
  };
}

function seconds(what: string, value: unknown): bigint {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
    throw new Error(`${what} is ${JSON.stringify(value)?.slice(0, 80)}, want a whole number above 0`);
  }
  return BigInt(value);
}
