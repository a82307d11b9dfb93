/** Commands of authz in the SDK's form, beside those that the descriptors make. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Command } from "commander";
import { addressResolver } from "./addresses.ts";
import type { Context } from "./context.ts";
import { listFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { readTx } from "./tx-files.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

const GRANT_FLAGS: Readonly<Record<string, string>> = {
  "--msg-type <type-url>": "of a generic grant: the messages that it is for, /cosmos.gov.v1.MsgVote",
  "--spend-limit <coins>": "what may be sent or staked in all: 1000ufirm",
  "--expiration <seconds>": "when it ends, in seconds since 1970 (default: never)",
};

const GRANT_LISTS: Readonly<Record<string, string>> = {
  "--allow-list <addresses>": "of a grant to send: to these only, separated by commas",
  "--allowed-validators <addresses>": "of a grant to stake: with these only",
  "--deny-validators <addresses>": "of a grant to stake: with all but these",
};

export function registerAuthorizations(authz: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const give = authz
    .command("grant <grantee> <authorization-type>")
    .description("lets another account send messages for the signer: send, generic, delegate, unbond or redelegate")
    .action(run(async (context, grantee: string, kind: string) => grant(context, grantee, kind)));
  valueFlags(give, GRANT_FLAGS);
  listFlags(give, GRANT_LISTS);
  addTxFlags(give);
  const exec = authz
    .command("exec <file>")
    .description("sends the messages of a transaction in a file for those who granted them")
    .action(run(async (context, file: string) => execute(context, file)));
  addTxFlags(exec);
}

async function grant(context: Context, who: string, kind: string): Promise<void> {
  const { MsgGrant } = await import("@interfirm/proto/gen/cosmos/authz/v1beta1");
  const authorization = await authorizationOf(context, kind);
  const seconds = context.flags.count("expiration") ?? 0n;
  const grantee = await addressResolver(context)(who);
  const from = await signerOf(context, undefined);
  const expiration = seconds === 0n ? undefined : { seconds, nanos: 0 };
  const message = { granter: from.address, grantee, grant: { authorization, expiration } };
  await sendMessages(context, from, [packAny(MsgGrant, message)]);
}

async function authorizationOf(context: Context, kind: string): Promise<Any> {
  const { flags } = context;
  const { parseCoin, parseCoins } = await import("@interfirm/modules/kernel/coins");
  if (kind === "generic") {
    const { GenericAuthorization } = await import("@interfirm/proto/gen/cosmos/authz/v1beta1");
    const msg = flags.text("msg-type") ?? "";
    if (msg === "") throw new Error("a generic grant wants --msg-type, such as /cosmos.gov.v1.MsgVote");
    return packAny(GenericAuthorization, { msg });
  }
  const limit = flags.text("spend-limit") ?? "";
  if (kind === "send") {
    const { SendAuthorization } = await import("@interfirm/proto/gen/cosmos/bank/v1beta1");
    if (limit === "") throw new Error("a grant to send wants --spend-limit, such as 1000ufirm");
    const resolve = addressResolver(context);
    const allowList: string[] = [];
    for (const name of flags.list("allow-list")) allowList.push(await resolve(name));
    return packAny(SendAuthorization, { spendLimit: parseCoins(limit), allowList });
  }
  const { AuthorizationType, StakeAuthorization } = await import("@interfirm/proto/gen/cosmos/staking/v1beta1");
  const deeds = new Map([
    ["delegate", AuthorizationType.AUTHORIZATION_TYPE_DELEGATE],
    ["unbond", AuthorizationType.AUTHORIZATION_TYPE_UNDELEGATE],
    ["redelegate", AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE],
  ]);
  const authorizationType = deeds.get(kind);
  if (authorizationType === undefined) {
    throw new Error(`authorization type is ${kind.slice(0, 80)}, want send, generic, delegate, unbond or redelegate`);
  }
  const allowed = flags.list("allowed-validators");
  const denied = flags.list("deny-validators");
  if (allowed.length > 0 === denied.length > 0) {
    throw new Error("a grant to stake wants either --allowed-validators or --deny-validators");
  }
  return packAny(StakeAuthorization, {
    maxTokens: limit === "" ? undefined : parseCoin(limit),
    authorizationType,
    ...(allowed.length > 0 ? { allowList: { address: allowed } } : { denyList: { address: denied } }),
  });
}

async function execute(context: Context, file: string): Promise<void> {
  const { MsgExec } = await import("@interfirm/proto/gen/cosmos/authz/v1beta1");
  const msgs = readTx(file).body?.messages ?? [];
  const from = await signerOf(context, undefined);
  await sendMessages(context, from, [packAny(MsgExec, { grantee: from.address, msgs })]);
}
