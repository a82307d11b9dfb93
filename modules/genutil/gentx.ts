import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { MessageType } from "@interfirm/proto/types";
import { type Address, addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { equal, toUtf8 } from "../kernel/bytes.ts";
import { checkPositiveCoin } from "../kernel/coins.ts";
import { ONE } from "../kernel/decimal.ts";

/** A transaction of the genesis file, read but not verified. */
export interface GenTx {
  readonly messages: readonly { readonly type: MessageType<unknown>; readonly value: unknown }[];
}

/** What a genesis transaction asks for. */
export interface FirstValidator {
  /** Account that signs and whose coins are staked. */
  readonly operator: Address;
  /** ed25519 key that signs blocks. */
  readonly pubKey: Uint8Array;
  readonly power: bigint;
}

/** Smallest units of the stake token in one unit of power, as the SDK's `DefaultPowerReduction`. */
export const POWER_REDUCTION = 1_000_000n;

/** Longest texts of a description in bytes. Source: Cosmos SDK 0.53 x/staking/types/validator.go. */
const DESCRIPTION_MAX = { moniker: 70, identity: 3000, website: 140, securityContact: 140, details: 280 } as const;

const want = (holds: boolean, why: string): void => {
  if (!holds) throw new GenTxProblem(why);
};

/** A rule that a genesis transaction breaks: one clause. */
export class GenTxProblem extends Error {
  override readonly name = "GenTxProblem";
}

/**
 * What the transaction asks for, by the rules of the SDK's genutil and staking. Throws `GenTxProblem`, and `sdk/7` and
 * `sdk/10` for its addresses and coin.
 */
export function firstValidator(tx: GenTx, addressPrefix: string): FirstValidator {
  const [message, ...more] = tx.messages;
  want(message !== undefined && more.length === 0, `it has ${tx.messages.length} messages, want one`);
  want(
    message!.type.typeName === MsgCreateValidator.typeName,
    `it holds ${message!.type.typeName}, want MsgCreateValidator`,
  );
  const msg = message!.value as MsgCreateValidator;

  const operatorBytes = addressToBytes(msg.validatorAddress, validatorPrefix(addressPrefix));
  if (msg.delegatorAddress !== "") {
    const delegator = addressToBytes(msg.delegatorAddress, addressPrefix);
    want(equal(delegator, operatorBytes), "delegator and operator differ, want one account");
  }
  checkDescription(msg);
  checkCommission(msg);
  checkPositiveCoin(msg.value);
  const { amount } = msg.value;
  want(msg.minSelfDelegation > 0n, `minimum self-delegation is ${msg.minSelfDelegation}, want more than 0`);
  want(
    msg.minSelfDelegation <= amount,
    `self-delegation is ${amount}, want at least the minimum ${msg.minSelfDelegation}`,
  );
  want(
    amount >= POWER_REDUCTION,
    `self-delegation is ${amount}, want at least the ${POWER_REDUCTION} of one unit of power`,
  );
  return {
    operator: bytesToAddress(operatorBytes, addressPrefix),
    pubKey: consensusKey(msg),
    power: amount / POWER_REDUCTION,
  };
}

function consensusKey({ pubkey }: MsgCreateValidator): Uint8Array {
  want(
    pubkey?.typeUrl === PubKey.typeUrl,
    `consensus key is a ${pubkey?.typeUrl || "missing one"}, want ${PubKey.typeUrl}`,
  );
  const { key } = PubKey.decode(pubkey!.value);
  want(key.length === 32, `consensus key has ${key.length} bytes, want 32`);
  return key;
}

function checkDescription({ description }: MsgCreateValidator): void {
  want(description.moniker !== "", "moniker is empty, want a name");
  for (const field of ["moniker", "identity", "website", "securityContact", "details"] as const) {
    const length = toUtf8(description[field]).length;
    want(length <= DESCRIPTION_MAX[field], `${field} has ${length} bytes, want at most ${DESCRIPTION_MAX[field]}`);
  }
}

function checkCommission({ commission: { rate, maxRate, maxChangeRate } }: MsgCreateValidator): void {
  want(maxRate >= 0n && maxRate <= ONE, `highest commission is ${maxRate} × 10⁻¹⁸, want 0 to 1`);
  want(rate >= 0n && rate <= maxRate, `commission is ${rate} × 10⁻¹⁸, want 0 to the highest ${maxRate}`);
  want(
    maxChangeRate >= 0n && maxChangeRate <= maxRate,
    `daily change of commission is ${maxChangeRate} × 10⁻¹⁸, want 0 to the highest rate ${maxRate}`,
  );
}
