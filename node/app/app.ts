/** The one file that knows every module of the chain. Adding one takes a line here, and two where others need it. */

import { AGREEMENTS, bankEscrow } from "@interfirm/modules/agreements/bank-escrow";
import { agreements } from "@interfirm/modules/agreements/module";
import { FEE_COLLECTOR } from "@interfirm/modules/auth/accounts";
import { createAnte } from "@interfirm/modules/auth/ante";
import { auth } from "@interfirm/modules/auth/module";
import type { Verifier } from "@interfirm/modules/auth/signature";
import type { Tx } from "@interfirm/modules/auth/tx";
import { authz } from "@interfirm/modules/authz/module";
import { bank } from "@interfirm/modules/bank/module";
import { consensus } from "@interfirm/modules/consensus/module";
import { distribution } from "@interfirm/modules/distribution/module";
import { DISTRIBUTION } from "@interfirm/modules/distribution/pool";
import { evidence } from "@interfirm/modules/evidence/module";
import { feegrant } from "@interfirm/modules/feegrant/module";
import { genutil } from "@interfirm/modules/genutil/module";
import { governance } from "@interfirm/modules/governance/module";
import { GOV } from "@interfirm/modules/governance/state";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import { MINT } from "@interfirm/modules/mint/keeper";
import { mint } from "@interfirm/modules/mint/module";
import { slashing } from "@interfirm/modules/slashing/module";
import type { StakingHooks } from "@interfirm/modules/staking/hooks";
import { staking } from "@interfirm/modules/staking/module";
import { BONDED_POOL, NOT_BONDED_POOL } from "@interfirm/modules/staking/pools";
import { upgrade } from "@interfirm/modules/upgrade/module";
import { vestingAccountTypes } from "@interfirm/modules/vesting/accounts";
import { vesting } from "@interfirm/modules/vesting/module";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import type { Composition } from "./composition.ts";
import { createGenTxDelivery, createGenTxReader, createGenTxVerifier } from "./gentx.ts";
import { createMsgRouter, routeMessages } from "./router.ts";
import { UPGRADES } from "./upgrades.ts";

export interface ModuleDeps {
  readonly verifier: Verifier;
  /** Hears of bugs in the handling of messages that proposals and authorised accounts carry: these only fail. */
  readonly onBug?: ((bug: Error) => void) | undefined;
}

/** Accounts that belong to modules, and what each may do. */
const MODULE_ACCOUNTS = {
  [FEE_COLLECTOR]: [],
  [AGREEMENTS]: [],
  [MINT]: ["minter"],
  [DISTRIBUTION]: [],
  [BONDED_POOL]: ["burner", "staking"],
  [NOT_BONDED_POOL]: ["burner", "staking"],
  [GOV]: ["burner"],
} as const;

export function interfirmModules({ verifier, onBug }: ModuleDeps): Composition {
  const accounts = auth({ moduleAccounts: MODULE_ACCOUNTS, accountTypes: vestingAccountTypes });
  const money = bank({ accounts: accounts.keeper, blockedModules: Object.keys(MODULE_ACCOUNTS) });
  const params = consensus();
  // Modules that follow stake add theirs before the first block.
  const hooks: StakingHooks[] = [];
  const stake = staking({
    accounts: accounts.keeper,
    bank: money.keeper,
    consensus: params.keeper,
    hooks,
  });
  const coinage = mint({ accounts: accounts.keeper, bank: money.keeper, staking: stake.keeper });
  const rewards = distribution({ accounts: accounts.keeper, bank: money.keeper, staking: stake.keeper });
  const jail = slashing({ staking: stake.keeper });
  // The SDK tells rewards first, then slashing.
  hooks.push(rewards.keeper.hooks, jail.keeper.hooks);
  const proof = evidence({ staking: stake.keeper, slashing: jail.keeper, consensus: params.keeper });
  const plans = upgrade({ staking: stake.keeper });
  const router = createMsgRouter(() => modules, onBug);
  const decisions = governance({
    accounts: accounts.keeper,
    bank: money.keeper,
    staking: stake.keeper,
    messages: router,
    communityPool: {
      address: (ctx) => accounts.keeper.moduleAddress(ctx, DISTRIBUTION),
      fund: rewards.keeper.fundCommunityPool,
    },
  });
  hooks.push(decisions.keeper.stakingHooks);
  const feeGrants = feegrant({ accounts: accounts.keeper, bank: money.keeper });
  const mandates = authz({ accounts: accounts.keeper, bank: money.keeper, router });
  const lockups = vesting({ accounts: accounts.keeper, bank: money.keeper });
  const deals = agreements({ escrow: bankEscrow(money.keeper) });
  const registry = createRegistry(allTypes);
  const firstValidators = genutil<Tx>({
    read: createGenTxReader(registry),
    verify: createGenTxVerifier(verifier),
    deliver: createGenTxDelivery({ accounts: accounts.keeper, routes: routeMessages([stake]) }),
    validators: stake.keeper.applySet,
  });
  const modules: readonly AnyModule[] = [
    accounts,
    money,
    params,
    plans,
    coinage,
    rewards,
    jail,
    proof,
    decisions,
    stake,
    feeGrants,
    mandates,
    lockups,
    deals,
    firstValidators,
  ];
  return {
    modules,
    ante: createAnte({
      accounts: accounts.keeper,
      bank: money.keeper,
      feeGrants: feeGrants.keeper,
      verifier,
    }),
    consensusParams: params.keeper,
    upgrade: plans.keeper,
    upgrades: UPGRADES,
    registry,
  };
}
