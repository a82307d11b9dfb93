/**
 * Commands out of the service descriptors: `tx <module> <method>` and `query <module> <method>`. What the descriptors do not
 * say (which fields are arguments, names that the SDK has made known) stands in `OPTIONS`.
 */

import type { AnyModule } from "@interfirm/modules/kernel/module";
import { Service as NodeService } from "@interfirm/proto/gen/cosmos/base/node/v1beta1";
import { Service as CometService } from "@interfirm/proto/gen/cosmos/base/tendermint/v1beta1";
import type { Field, Method, ServiceType } from "@interfirm/proto/types";
import { isCoin } from "./field-values.ts";

export interface MethodOptions {
  /** Name of the command. Default: the method's name in kebab case. */
  readonly command?: string;
  readonly aliases?: readonly string[];
  /** Fields that are arguments, by proto name, in order; a last repeated one takes all further words. */
  readonly args?: readonly string[];
  /** How many of the last arguments may be missing; they are flags as well. */
  readonly optional?: number;
  /** The signer is the first argument, as well as `--from`. */
  readonly signerFirst?: boolean;
}

interface ServiceOptions {
  /** Word after `tx` or `query`. Default: the package's last part without the version. */
  readonly module?: string;
  /** Methods that have no command of their own. */
  readonly without?: readonly string[];
  readonly methods?: Readonly<Record<string, MethodOptions>>;
}

const OPTIONS: Readonly<Record<string, ServiceOptions>> = {
  "cosmos.auth.v1beta1.Query": {
    methods: {
      AccountAddressByID: { command: "address-by-acc-num", args: ["account_id"] },
      ModuleAccountByName: { command: "module-account", args: ["name"] },
    },
  },
  "cosmos.bank.v1beta1.Query": {
    methods: {
      AllBalances: { command: "balances", args: ["address"] },
      SpendableBalanceByDenom: { command: "spendable-balance", args: ["address", "denom"] },
      TotalSupply: { command: "total-supply", aliases: ["total"] },
      SupplyOf: { command: "total-supply-of", args: ["denom"] },
      SendEnabled: { args: ["denoms"] },
      // Flags in the SDK.
      DenomMetadataByQueryString: { args: ["denom"], optional: 1 },
      DenomOwnersByQuery: { args: ["denom"], optional: 1 },
    },
  },
  "cosmos.bank.v1beta1.Msg": {
    without: ["MultiSend"],
    methods: {
      Send: { args: ["to_address", "amount"], signerFirst: true },
      SetSendEnabled: { args: ["send_enabled"] },
    },
  },
  "cosmos.authz.v1beta1.Query": {
    methods: {
      Grants: { args: ["granter", "grantee"] },
      GranterGrants: { command: "grants-by-granter", aliases: ["granter-grants"] },
      GranteeGrants: { command: "grants-by-grantee", aliases: ["grantee-grants"] },
    },
  },
  // Commands in the SDK's form take the place of two of them.
  "cosmos.authz.v1beta1.Msg": { without: ["Grant", "Exec"] },
  "interfirm.authz.v1.Msg": { methods: { RevokeAll: { args: [] } } },
  "cosmos.feegrant.v1beta1.Query": {
    methods: {
      Allowance: { command: "grant" },
      Allowances: { command: "grants-by-grantee" },
      AllowancesByGranter: { command: "grants-by-granter" },
    },
  },
  "cosmos.feegrant.v1beta1.Msg": {
    without: ["GrantAllowance"],
    methods: {
      RevokeAllowance: { command: "revoke", aliases: ["revoke-allowance"], signerFirst: true },
      PruneAllowances: { command: "prune" },
    },
  },
  "cosmos.vesting.v1beta1.Msg": {
    without: ["CreatePeriodicVestingAccount"],
    methods: {
      CreateVestingAccount: { args: ["to_address", "amount", "end_time"] },
      CreatePermanentLockedAccount: { args: ["to_address", "amount"] },
    },
  },
  "cosmos.upgrade.v1beta1.Query": {
    without: ["UpgradedConsensusState"],
    methods: {
      CurrentPlan: { command: "plan" },
      AppliedPlan: { command: "applied" },
      ModuleVersions: { aliases: ["module_versions"], args: ["module_name"], optional: 1 },
    },
  },
  // Commands in the SDK's form take their places: only a proposal can carry these messages.
  "cosmos.upgrade.v1beta1.Msg": { without: ["SoftwareUpgrade", "CancelUpgrade"] },
  "cosmos.evidence.v1beta1.Query": {
    methods: {
      Evidence: { args: ["hash"] },
      AllEvidence: { command: "list" },
    },
  },
  "cosmos.staking.v1beta1.Query": {
    methods: {
      Validators: { args: [] },
      ValidatorDelegations: { command: "delegations-to", aliases: ["validator-delegations"] },
      ValidatorUnbondingDelegations: {
        command: "unbonding-delegations-from",
        aliases: ["validator-unbonding-delegations"],
      },
      DelegatorDelegations: { command: "delegations", aliases: ["delegator-delegations"] },
      DelegatorUnbondingDelegations: {
        command: "unbonding-delegations",
        aliases: ["delegator-unbonding-delegations"],
      },
      Redelegations: {
        command: "redelegation",
        aliases: ["redelegations"],
        args: ["delegator_addr", "src_validator_addr", "dst_validator_addr"],
        optional: 2,
      },
    },
  },
  // Commands in the SDK's form take the place of two of them.
  "cosmos.staking.v1beta1.Msg": {
    without: ["CreateValidator", "EditValidator"],
    methods: {
      BeginRedelegate: { command: "redelegate", aliases: ["begin-redelegate"] },
      Undelegate: { command: "unbond", aliases: ["undelegate"] },
      CancelUnbondingDelegation: { command: "cancel-unbond", aliases: ["cancel-unbonding-delegation"] },
    },
  },
  "cosmos.slashing.v1beta1.Query": { methods: { SigningInfos: { args: [] } } },
  "cosmos.distribution.v1beta1.Query": {
    methods: {
      ValidatorCommission: { command: "commission" },
      ValidatorSlashes: { command: "slashes" },
      DelegationRewards: { command: "rewards-by-validator" },
      DelegationTotalRewards: { command: "rewards" },
      // Flags in the SDK.
      DelegatorValidators: { args: ["delegator_address"], optional: 1 },
      DelegatorWithdrawAddress: { args: ["delegator_address"], optional: 1 },
    },
  },
  "cosmos.distribution.v1beta1.Msg": {
    without: ["WithdrawDelegatorReward"],
    methods: {
      SetWithdrawAddress: { command: "set-withdraw-addr" },
      WithdrawValidatorCommission: { args: ["validator_address"] },
      FundCommunityPool: { args: ["amount"] },
      CommunityPoolSpend: { args: ["recipient", "amount"] },
      DepositValidatorRewardsPool: { command: "fund-validator-rewards-pool", args: ["validator_address", "amount"] },
    },
  },
  "cosmos.gov.v1.Query": {
    methods: {
      Params: { args: ["params_type"], optional: 1 },
      Proposal: { aliases: ["proposer"] },
      Proposals: { args: [] },
      TallyResult: { command: "tally" },
    },
  },
  // Commands in files of the SDK's form take the place of two of them.
  "cosmos.gov.v1.Msg": {
    without: ["SubmitProposal", "VoteWeighted", "ExecLegacyContent"],
    methods: {
      Vote: { args: ["proposal_id", "option"] },
      Deposit: { args: ["proposal_id", "amount"] },
    },
  },
  "cosmos.gov.v1beta1.Query": {
    without: ["Proposal", "Proposals", "Vote", "Votes", "Params", "Deposit", "Deposits", "TallyResult"],
  },
  "cosmos.gov.v1beta1.Msg": { without: ["SubmitProposal", "Vote", "VoteWeighted", "Deposit"] },
  "interfirm.governance.v1.Query": {
    module: "gov",
    methods: { Proposal: { command: "details" }, Proposals: { command: "all-details", args: [] } },
  },
  "interfirm.governance.v1.Msg": {
    module: "gov",
    methods: {
      SubmitOptimisticProposal: { args: [] },
      SubmitMultipleChoiceProposal: { args: [] },
      VoteChoice: { args: ["proposal_id", "option"] },
      VoteChoiceWeighted: { args: ["proposal_id"] },
    },
  },
  "cosmos.base.tendermint.v1beta1.Service": {
    module: "comet",
    methods: {
      GetNodeInfo: { command: "node-info" },
      GetSyncing: { command: "syncing" },
      GetLatestBlock: { command: "block-latest" },
      GetBlockByHeight: { command: "block-by-height", args: ["height"] },
      GetLatestValidatorSet: { command: "validator-set" },
      GetValidatorSetByHeight: { command: "validator-set-by-height", args: ["height"] },
      ABCIQuery: { command: "abci-query" },
    },
  },
  "cosmos.base.node.v1beta1.Service": { module: "node" },
};

/**
 * What a node of this chain serves: its modules' services, and what the node adds to them. The transaction service is for
 * wallets; the command line has `query tx`, `query txs` and the tools of `tx`.
 */
export const servedServices = (modules: readonly AnyModule[]): readonly ServiceType[] => [
  ...modules.flatMap(({ msgs = [], queries = [] }) => [...msgs, ...queries].map(({ type }) => type)),
  CometService,
  NodeService,
];

export interface MethodCommand {
  readonly module: string;
  readonly command: string;
  readonly aliases: readonly string[];
  readonly service: ServiceType;
  readonly method: Method<unknown, unknown>;
  /** Fields that are arguments. */
  readonly args: readonly Field[];
  /** How many of the arguments must be there; the others are flags, too. */
  readonly required: number;
  /** Whether the first argument is the signer. */
  readonly signerFirst: boolean;
  /** Whether only governance may send it, so that the command makes a proposal of it. */
  readonly proposes: boolean;
  /** Fields that are flags. */
  readonly flags: readonly Field[];
}

const PAGE = "cosmos.base.query.v1beta1.PageRequest";

export const isPage = (field: Field): boolean => field.kind === "message" && field.message?.().typeName === PAGE;

/**
 * All commands of `tx` (services named `Msg`) or of `query` (all others). Where a service of ours has a command that one of
 * the SDK's has, too, ours gets the name of its house before it: `query staking interfirm-params`.
 */
export function methodCommands(kind: "tx" | "query", services: readonly ServiceType[]): readonly MethodCommand[] {
  const commands: MethodCommand[] = [];
  const taken = new Set<string>();
  const houseOf = ({ typeName }: ServiceType): string => typeName.split(".", 1)[0] as string;
  const standardFirst = [...services].sort((a, b) => Number(houseOf(b) === "cosmos") - Number(houseOf(a) === "cosmos"));
  for (const service of standardFirst) {
    if ((service.typeName.endsWith(".Msg") ? "tx" : "query") !== kind) continue;
    const options = OPTIONS[service.typeName] ?? {};
    for (const method of Object.values(service.methods) as Method<unknown, unknown>[]) {
      if (options.without?.includes(method.name)) continue;
      const spec = describe(kind, service, method, options);
      const isFree = (name: string) => !taken.has(`${spec.module} ${name}`);
      const command = isFree(spec.command) ? spec.command : `${houseOf(service)}-${spec.command}`;
      const aliases = spec.aliases.filter(isFree);
      for (const name of [command, ...aliases]) taken.add(`${spec.module} ${name}`);
      commands.push({ ...spec, command, aliases });
    }
  }
  return commands;
}

function describe(
  kind: "tx" | "query",
  service: ServiceType,
  method: Method<unknown, unknown>,
  { module = moduleOf(service.typeName), methods = {} }: ServiceOptions,
): MethodCommand {
  const options = methods[method.name] ?? {};
  const signers = kind === "tx" ? method.input.signers : [];
  const open = method.input.fields.filter((field) => !signers.includes(field.name));
  const proposes = signers.length === 1 && signers[0] === "authority";
  const args =
    options.args?.map((name) => fieldNamed(method, name)) ??
    open.filter((field) => isArgument(field) || (proposes && isParams(field)));
  const required = args.length - (options.optional ?? 0);
  const command = options.command ?? dashed(method.name);
  return {
    module,
    command: proposes ? `${command}-proposal` : command,
    aliases: [...(proposes ? [command] : []), ...(options.aliases ?? [])],
    service,
    method,
    args,
    required,
    signerFirst: options.signerFirst ?? false,
    proposes,
    flags: open.filter((field) => !args.slice(0, required).includes(field)),
  };
}

/** Without a word in `OPTIONS`: single scalars and coins are arguments, the rest are flags. */
const isArgument = (field: Field): boolean =>
  !field.repeated &&
  field.oneof === undefined &&
  (isCoin(field) || field.kind === "enum" || (field.kind === "scalar" && field.scalar !== "bool"));

/** What a proposal changes is an argument, as one JSON word. */
const isParams = (field: Field): boolean => !field.repeated && field.oneof === undefined && field.kind === "message";

function fieldNamed(method: Method<unknown, unknown>, name: string): Field {
  const field = method.input.fields.find(({ protoName }) => protoName === name);
  if (!field) throw new Error(`${method.input.typeName} has no field ${name}`);
  return field;
}

/** `cosmos.bank.v1beta1.Msg` → `bank`. */
function moduleOf(typeName: string): string {
  const parts = typeName.split(".");
  return parts.at(-3) as string;
}

/** `AllBalances` → `all-balances`, `AccountAddressByID` → `account-address-by-id`. */
const dashed = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
