import { addressToBytes, bytesToAddress } from "@interfirm/modules/kernel/address";
import type { Coin } from "@interfirm/modules/kernel/coins";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { AuthInfo, Tx, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { type JsonValue, toJson } from "@interfirm/proto/json";
import { createRegistry, packAny } from "@interfirm/proto/registry";
import { sha256 } from "../crypto/verify.ts";
import { account, message, signTx } from "../test/accounts.ts";
import { CHAIN_ID } from "../test/chain.ts";

export const DENOM = "ufirm";
export const ACCOUNTS: readonly string[] = Array.from({ length: 20 }, (_, i) => `firm ${i}`);

const COINS_EACH = 1_000_000_000_000n;
const FIRST_VALIDATORS = 5;
const STAKE_EACH = 20_000_000_000n;
const PREFIX = "firm";

export const genesisAccounts = (): Readonly<Record<string, readonly Coin[]>> =>
  Object.fromEntries(ACCOUNTS.map((name) => [name, [{ denom: DENOM, amount: COINS_EACH }]]));

/**
 * State of the modules besides accounts and balances. Windows and periods are short, so that everything that takes its
 * time on a real chain happens within a few hundred blocks.
 */
export const appStateOf = (powerCapBp: number): Readonly<Record<string, JsonValue>> => ({
  genutil: { gen_txs: ACCOUNTS.slice(0, FIRST_VALIDATORS).map(genTx) },
  staking: {
    params: {
      unbonding_time: "300s",
      max_validators: 8,
      max_entries: 4,
      historical_entries: 20,
      bond_denom: DENOM,
      min_commission_rate: "0.000000000000000000",
    },
    interfirm: { params: { power_cap_bp: powerCapBp, key_rotations_max: 3 } },
  },
  slashing: {
    params: {
      signed_blocks_window: "10",
      min_signed_per_window: "0.500000000000000000",
      downtime_jail_duration: "60s",
      slash_fraction_double_sign: "0.050000000000000000",
      slash_fraction_downtime: "0.010000000000000000",
    },
  },
  mint: {
    minter: { inflation: "0.130000000000000000", annual_provisions: "0.000000000000000000" },
    params: {
      mint_denom: DENOM,
      inflation_rate_change: "0.130000000000000000",
      inflation_max: "0.200000000000000000",
      inflation_min: "0.070000000000000000",
      goal_bonded: "0.670000000000000000",
      blocks_per_year: "6311520",
    },
  },
  gov: {
    starting_proposal_id: "1",
    params: {
      min_deposit: [{ denom: DENOM, amount: "10000000" }],
      max_deposit_period: "200s",
      voting_period: "150s",
      quorum: "0.200000000000000000",
      threshold: "0.500000000000000000",
      veto_threshold: "0.334000000000000000",
      min_initial_deposit_ratio: "0.000000000000000000",
      proposal_cancel_ratio: "0.500000000000000000",
      proposal_cancel_dest: "",
      expedited_voting_period: "60s",
      expedited_threshold: "0.667000000000000000",
      expedited_min_deposit: [{ denom: DENOM, amount: "50000000" }],
      burn_vote_quorum: false,
      burn_proposal_deposit_prevote: false,
      burn_vote_veto: true,
      min_deposit_ratio: "0.010000000000000000",
    },
    interfirm: {
      params: {
        retry_window: "300s",
        choice_threshold: "0.300000000000000000",
        optimistic_reject_threshold: "0.200000000000000000",
        optimistic_voting_period: "100s",
        optimistic_messages: ["/cosmos.bank.v1beta1.MsgUpdateParams"],
      },
    },
  },
});

/** A genesis transaction that makes a validator of the account, as `interfirmd genesis gentx` writes it. */
function genTx(name: string): JsonValue {
  const operator = account(name, PREFIX);
  const create = message(MsgCreateValidator, {
    description: { moniker: name },
    commission: { rate: 10n ** 17n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
    minSelfDelegation: 1n,
    validatorAddress: bytesToAddress(addressToBytes(operator.address, PREFIX), `${PREFIX}valoper`),
    pubkey: packAny(PubKey, { key: sha256(new TextEncoder().encode(`consensus key of ${name}`)) }),
    value: { denom: DENOM, amount: STAKE_EACH },
  });
  const bytes = signTx(operator, [create], { chainId: CHAIN_ID, accountNumber: 0n, sequence: 0n, fee: [] });
  const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(bytes);
  const tx = { body: TxBody.decode(bodyBytes), authInfo: AuthInfo.decode(authInfoBytes), signatures };
  return toJson(Tx, tx, createRegistry(allTypes));
}
