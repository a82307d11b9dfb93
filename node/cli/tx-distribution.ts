/** Commands that pay rewards out, in the SDK's form: several messages in one transaction. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Command } from "commander";
import { addressResolver } from "./addresses.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { queryNode, rpcOf } from "./query-node.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

export function registerDistribution(distribution: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const one = distribution
    .command("withdraw-rewards <validator-address>")
    .aliases(["withdraw-delegator-reward"])
    .description("pays out what the signer has earned with one validator")
    .action(run((context, validator: string) => withdraw(context, validator)));
  boolFlags(one, { "--commission": "pay out the validator's commission, too: the signer is its operator" });
  addTxFlags(one);
  const all = distribution
    .command("withdraw-all-rewards")
    .description("pays out what the signer has earned with all validators")
    .action(run(withdrawAll));
  valueFlags(all, { "--max-msgs <number>": "most messages in one transaction (default: 0, no limit)" });
  addTxFlags(all);
}

async function withdraw(context: Context, validator: string): Promise<void> {
  const { MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission } = await import(
    "@interfirm/proto/gen/cosmos/distribution/v1beta1"
  );
  const validatorAddress = await addressResolver(context)(validator, "val");
  const from = await signerOf(context, undefined);
  const reward = { delegatorAddress: from.address, validatorAddress };
  const messages = [packAny(MsgWithdrawDelegatorReward, MsgWithdrawDelegatorReward.fromPartial(reward))];
  if (context.flags.is("commission")) {
    messages.push(packAny(MsgWithdrawValidatorCommission, MsgWithdrawValidatorCommission.fromPartial(reward)));
  }
  await sendMessages(context, from, messages);
}

async function withdrawAll(context: Context): Promise<void> {
  const {
    MsgWithdrawDelegatorReward,
    QueryDelegatorValidatorsRequest: Request,
    QueryDelegatorValidatorsResponse: Response,
  } = await import("@interfirm/proto/gen/cosmos/distribution/v1beta1");
  const { flags } = context;
  if (flags.is("offline"))
    throw new Error("withdraw-all-rewards asks a node for the validators, which --offline forbids");
  const from = await signerOf(context, undefined);
  const request = Request.fromPartial({ delegatorAddress: from.address });
  const path = "/cosmos.distribution.v1beta1.Query/DelegatorValidators";
  const { validators } = await queryNode(rpcOf(context), path, Request, Response, request);
  if (validators.length === 0) throw new Error(`${from.address} has no delegation, want one with rewards`);
  const messages = validators.map((validatorAddress) =>
    packAny(
      MsgWithdrawDelegatorReward,
      MsgWithdrawDelegatorReward.fromPartial({ delegatorAddress: from.address, validatorAddress }),
    ),
  );
  for (const [index, part] of parts(messages, Number(flags.count("max-msgs") ?? 0n)).entries()) {
    await sendMessages(context, from, part, index);
  }
}

function parts(messages: readonly Any[], most: number): readonly (readonly Any[])[] {
  const size = most === 0 ? messages.length : most;
  const list: (readonly Any[])[] = [];
  for (let start = 0; start < messages.length; start += size) list.push(messages.slice(start, start + size));
  return list;
}
