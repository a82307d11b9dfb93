import type { Params } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { type Address, addressToBytes } from "../kernel/address.ts";
import { equal, toBase64 } from "../kernel/bytes.ts";
import { type Coin, type Coins, checkCoins, formatCoins } from "../kernel/coins.ts";
import type { Ctx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import { GasMeter } from "../kernel/gas.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { type Account, FEE_COLLECTOR } from "./accounts.ts";
import type { TxFacts } from "./facts.ts";
import { checkMinGasPrices, type GasPrice } from "./fee.ts";
import type { Keeper } from "./keeper.ts";
import { addressBytes, aminoLength, keyCount, type PubKey, pubKeyFromAny, pubKeyToAny } from "./pubkey.ts";
import { signBytes } from "./sign-bytes.ts";
import {
  flattenSignature,
  isAminoOnly,
  isIncomplete,
  type SignatureData,
  signingMembers,
  type Verifier,
  verifySignature,
} from "./signature.ts";
import type { Tx } from "./tx.ts";

/**
 * Why a transaction runs: on its way into the mempool, again after a block, to estimate its gas, or for good in a block
 * or in a proposal.
 */
export type AnteMode = "check" | "recheck" | "simulate" | "deliver";

export interface AnteOptions {
  readonly mode: AnteMode;
  /** What this node asks; it counts in `check` and `recheck` only, for nodes may differ in it. */
  readonly minGasPrices: readonly GasPrice[];
}

/** What the ante asks of a bank. */
export interface FeeBank {
  /** Throws `sdk/5` when `from` cannot spend the coins. */
  sendToModule(ctx: Ctx, from: Address, module: string, coins: Coins): void;
}

/** Allowances of one account to pay the fees of another. */
export interface FeeGrants {
  /** Takes `fee` off the allowance. Throws when there is none, or it does not cover the fee or these messages. */
  use(ctx: Ctx, granter: Address, grantee: Address, fee: Coins, tx: Tx): void;
}

export interface AnteDeps {
  readonly accounts: Keeper;
  readonly bank: FeeBank;
  readonly feeGrants?: FeeGrants | undefined;
  readonly verifier: Verifier;
}

/** Gas above this cannot be counted exactly; a transaction that asks for more gets this much. */
const METER_MAX = Number.MAX_SAFE_INTEGER;
/** SDK `MaxGasWanted`. */
const GAS_WANTED_MAX = (1n << 63n) - 1n;

/**
 * The gas meter of a transaction. In simulation and at genesis nothing is limited.
 * Throws `sdk/41` when it asks for more than a block may use; `maxBlockGas` is −1 where blocks are not limited.
 */
export function setUpGas(tx: Tx, mode: AnteMode, height: bigint, maxBlockGas: bigint): GasMeter {
  const limit = tx.authInfo.fee?.gasLimit ?? 0n;
  if (maxBlockGas > 0n && limit > maxBlockGas) {
    throw sdkError.invalidGasLimit(`tx gas limit ${limit} exceeds block max gas ${maxBlockGas}`);
  }
  if (mode === "simulate" || height === 0n) return new GasMeter(Number.POSITIVE_INFINITY);
  return new GasMeter(limit > BigInt(METER_MAX) ? METER_MAX : Number(limit));
}

/** One run of the pipeline over one transaction. */
interface Run extends AnteOptions {
  readonly ctx: Ctx;
  readonly tx: Tx;
  readonly facts: TxFacts;
  readonly signers: readonly Address[];
}

/** A signer whose account and key are known. */
interface Signer {
  readonly account: Account;
  readonly key: PubKey;
}

/** Stands for a key that a simulated transaction does not tell: a secp256k1 key, whose signature costs most. */
const SIMULATED_KEY: PubKey = {
  type: "secp256k1",
  key: Uint8Array.of(2, ...new Uint8Array(32).fill(1)),
};
const SIGNATURE_LENGTH = 64;

/**
 * What every transaction must pass before its messages run: it is well formed, in time, small enough, pays its fee, and
 * every signer signed it for this chain and as their next transaction. The order is the SDK's, since the first
 * error is what a client sees. Writes: the fee, keys seen for the first time, sequences.
 * Source: Cosmos SDK 0.53.8 x/auth/ante.
 *
 * Gas is taken as if each step read the parameters and accounts it needs, as the SDK's do. From `setPubKeys` on nothing but the
 * ante itself writes accounts, so they are read once and the other reads are only charged.
 */
export function createAnte({ accounts, bank, feeGrants, verifier }: AnteDeps) {
  return function ante(ctx: Ctx, tx: Tx, options: AnteOptions): void {
    checkExtensionOptions(tx);
    const { facts } = tx;
    const run: Run = { ctx, tx, facts, signers: facts.signers(ctx.addressPrefix), ...options };
    // What does not depend on state was checked when the transaction came in.
    if (options.mode !== "recheck") checkBasics(run);
    checkTimeout(run);
    checkMemo(run);
    const params = accounts.params(ctx);
    payForSize(run, params);
    deductFee(run);
    const known = setPubKeys(run);
    checkSignatureCount(run, params);
    const signers = payForSignatures(run, params, known);
    verifySignatures(run, signers);
    incrementSequences(run, signers);
  };

  function find(ctx: Ctx, address: Address): Account {
    const account = accounts.get(ctx, address);
    if (!account) throw sdkError.unknownAddress(`account ${address} does not exist`);
    return account;
  }

  function checkMemo({ ctx, tx }: Run): void {
    if (tx.memoBytes === 0) return;
    const { maxMemoCharacters } = accounts.params(ctx);
    if (BigInt(tx.memoBytes) > maxMemoCharacters) {
      throw sdkError.memoTooLarge(
        `maximum number of characters is ${maxMemoCharacters} but received ${tx.memoBytes} characters`,
      );
    }
  }

  /** In a simulation, signatures that are still missing are paid for as if they were there. */
  function payForSize({ ctx, tx, facts, signers, mode }: Run, params: Params): void {
    spend(ctx, params.txSizeCostPerByte * BigInt(tx.bytes.length), "txSize");
    if (mode !== "simulate") return;
    for (const [index, signer] of signers.entries()) {
      const signature = facts.signatures[index];
      if (signature && !isIncomplete(signature)) continue;
      const known = accounts.get(ctx, signer)?.base.pubKey;
      const key = known ? pubKeyFromAny(known) : SIMULATED_KEY;
      const length = BigInt(fieldLength(aminoLength(key)) + fieldLength(SIGNATURE_LENGTH) + 6);
      const count = key.type === "multisig" ? params.txSigLimit : 1n;
      spend(ctx, params.txSizeCostPerByte * length * count, "txSize");
    }
  }

  /** The one place where a fee is taken. */
  function deductFee({ ctx, tx, signers, mode, minGasPrices }: Run): void {
    const { amount, gasLimit, granter } = tx.authInfo.fee!;
    if (mode !== "simulate" && ctx.height > 0n && gasLimit === 0n) {
      throw sdkError.invalidGasLimit("must provide positive gas");
    }
    if (mode === "check" || mode === "recheck") checkMinGasPrices(amount, gasLimit, minGasPrices);
    const payer = (tx.authInfo.fee!.payer || signers[0]) as Address;
    const source = granter === "" ? payer : granter;
    if (granter !== "") useGrant(ctx, tx, granter, payer);
    if (!accounts.get(ctx, source)) {
      throw sdkError.unknownAddress(`fee payer address: ${source} does not exist`);
    }
    if (amount.some((coin) => coin.amount !== 0n)) bank.sendToModule(ctx, source, FEE_COLLECTOR, soundFee(amount));
    ctx.emitRaw("tx", [
      ["fee", formatCoins(amount)],
      ["fee_payer", source],
    ]);
  }

  function useGrant(ctx: Ctx, tx: Tx, granter: Address, grantee: Address): void {
    addressToBytes(granter, ctx.addressPrefix);
    if (!feeGrants) throw sdkError.invalidRequest("fee grants are not enabled");
    if (granter !== grantee) feeGrants.use(ctx, granter, grantee, soundFee(tx.authInfo.fee!.amount), tx);
  }

  /**
   * Stores the key of a signer who has none yet, and tells indexers who signed.
   * Returns the accounts that stay as they were read, by signer.
   */
  function setPubKeys(run: Run): readonly (Account | undefined)[] {
    const { ctx, tx, facts, signers, mode } = run;
    const infos = tx.authInfo.signerInfos;
    if (infos.length !== signers.length) {
      throw sdkError.txDecode(`expected ${signers.length} signer infos, got ${infos.length}`);
    }
    const keys = givenKeys(run);
    const unchanged = signers.map((signer, index) => {
      const given = keys[index];
      // A key that the account has already need not be given.
      if (!given && mode !== "simulate") return undefined;
      // A stored key needs no hashing. The SDK hashes before it reads, so a key that does not match pays for no read.
      const stored = ctx.gas.free(() => accounts.get(ctx, signer));
      const isKnown = stored !== undefined && isKeyOf(stored, infos[index]!.publicKey);
      const key = given ?? SIMULATED_KEY;
      if (mode !== "simulate" && !isKnown && !equal(addressBytes(key), addressToBytes(signer, ctx.addressPrefix))) {
        throw sdkError.invalidPubKey(`pubKey does not match signer address ${signer} with signer index: ${index}`);
      }
      const account = stored ?? find(ctx, signer);
      accounts.chargeRead(ctx, account);
      if (account.base.pubKey) return account;
      accounts.set(ctx, accounts.update(account, { pubKey: pubKeyToAny(key) }), account);
      return undefined;
    });
    for (const [index, signature] of facts.signatures.entries()) {
      // Nobody sees the events of a check, and texts of signatures are long.
      if (mode === "check" || mode === "recheck") continue;
      ctx.emitRaw("tx", [["acc_seq", `${signers[index]}/${infos[index]!.sequence}`]]);
      for (const bytes of flattenSignature(signature)) ctx.emitRaw("tx", [["signature", toBase64(bytes)]]);
    }
    return unchanged;
  }

  function checkSignatureCount(run: Run, params: Params): void {
    accounts.chargeParams(run.ctx, params);
    let count = 0;
    for (const key of givenKeys(run)) if (key) count += keyCount(key);
    if (BigInt(count) > params.txSigLimit) {
      throw sdkError.maxSignatures(`signatures: ${count}, limit: ${params.txSigLimit}`);
    }
  }

  /** Returns who signs, with the keys to verify with. */
  function payForSignatures(run: Run, params: Params, known: readonly (Account | undefined)[]): readonly Signer[] {
    const { ctx, tx, facts, mode } = run;
    accounts.chargeParams(ctx, params);
    const keys = givenKeys(run);
    return run.signers.map((address, index) => {
      let account = known[index];
      if (account) accounts.chargeRead(ctx, account);
      else account = find(ctx, address);
      const { pubKey } = account.base;
      if (!pubKey && mode !== "simulate") throw sdkError.invalidPubKey(`account ${address} has no pubkey yet`);
      const given = isKeyOf(account, tx.authInfo.signerInfos[index]!.publicKey) ? keys[index] : undefined;
      const key = given ?? (pubKey ? pubKeyFromAny(pubKey) : SIMULATED_KEY);
      payForSignature(ctx, params, key, facts.signatures[index]!);
      return { account, key };
    });
  }

  /** Not in a recheck and not in a simulation; and never twice for the same signature, if it can be helped. */
  function verifySignatures({ ctx, tx, facts, mode }: Run, signers: readonly Signer[]): void {
    if (tx.body.unordered) throw sdkError.notSupported("unordered transactions are not enabled");
    for (const [index, { account, key }] of signers.entries()) {
      accounts.chargeRead(ctx, account);
      const { sequence, accountNumber: number } = account.base;
      const given = tx.authInfo.signerInfos[index]!.sequence;
      if (given !== sequence) throw sdkError.wrongSequence(sequence, given);
      if (mode === "simulate" || mode === "recheck") continue;
      // Accounts of the genesis block have no number yet when its transactions are signed.
      const accountNumber = ctx.height === 0n ? 0n : number;
      if (facts.isVerified(index, accountNumber)) continue;
      const document = { chainId: ctx.chainId, accountNumber, sequence };
      const data = facts.signatures[index]!;
      const problem = verifySignature(verifier, key, data, (signMode) => signBytes(tx, signMode, document));
      if (problem !== undefined) throw badSignature(document, data, problem);
      facts.setVerified(index, accountNumber);
    }
  }

  /** What keeps a transaction from running twice. */
  function incrementSequences({ ctx }: Run, signers: readonly Signer[]): void {
    for (const { account } of signers) {
      accounts.chargeRead(ctx, account);
      accounts.set(ctx, accounts.update(account, { sequence: account.base.sequence + 1n }), account);
    }
  }
}

/** Whether it is the very key that the account has. */
function isKeyOf({ base }: Account, given: Any | undefined): boolean {
  const { pubKey } = base;
  return (
    pubKey !== undefined && given !== undefined && pubKey.typeUrl === given.typeUrl && equal(pubKey.value, given.value)
  );
}

const givenKeys = ({ facts, mode }: Run): readonly (PubKey | undefined)[] =>
  mode === "simulate" ? facts.keysOfEstimate : facts.keys;

export type Ante = ReturnType<typeof createAnte>;

/** We know no extension. Those that are not critical are refused as well, or a transaction could carry anything unseen. */
function checkExtensionOptions({ body }: Tx): void {
  const first = body.extensionOptions[0] ?? body.nonCriticalExtensionOptions[0];
  if (first) throw sdkError.unknownExtensionOptions(`extension option is ${first.typeUrl}, want none`);
}

/** What can be told from the transaction alone. */
function checkBasics({ tx, signers }: Run): void {
  if (tx.messages.length === 0) throw sdkError.invalidRequest("must contain at least one message");
  const { fee } = tx.authInfo;
  if (!fee) throw sdkError.invalidRequest("fee is missing, want one");
  if (fee.gasLimit > GAS_WANTED_MAX) {
    throw sdkError.invalidRequest(`invalid gas supplied; ${fee.gasLimit} > ${GAS_WANTED_MAX}`);
  }
  if (fee.amount.some((coin) => coin.amount < 0n)) {
    throw sdkError.insufficientFee(`invalid fee provided: ${formatCoins(fee.amount)}`);
  }
  if (tx.signatures.length === 0) throw sdkError.noSignatures("0 signatures, want one a signer");
  if (tx.signatures.length !== signers.length) {
    throw sdkError.unauthorized(`wrong number of signers; expected ${signers.length}, got ${tx.signatures.length}`);
  }
}

/** Height and time, in nanoseconds since 1970, of a block. */
export interface BlockMoment {
  readonly height: bigint;
  readonly time: bigint;
}

/** `sdk/30` or `sdk/42` when the transaction may not stand in a block of this height and time. */
export function timeoutOf({ body }: Tx, { height, time }: BlockMoment): ChainError | undefined {
  const { timeoutHeight, timeoutTimestamp } = body;
  if (timeoutHeight > 0n && height > timeoutHeight) {
    return sdkError.txTimeoutHeight(`block height: ${height}, timeout height: ${timeoutHeight}`);
  }
  if (!timeoutTimestamp || timeoutTimestamp.seconds === 0n) return undefined;
  const timeout = timeoutTimestamp.seconds * 1_000_000_000n + BigInt(timeoutTimestamp.nanos);
  if (timeout >= time) return undefined;
  return sdkError.txTimeout(`block time: ${time} ns, timeout timestamp: ${timeout} ns`);
}

function checkTimeout({ ctx, tx }: Run): void {
  const late = timeoutOf(tx, ctx);
  if (late) throw late;
}

/** Throws `sdk/13` unless the coins are sorted, unique and above zero. */
function soundFee(fee: readonly Coin[]): Coins {
  try {
    checkCoins(fee);
    return fee;
  } catch (cause) {
    if (!(cause instanceof ChainError)) throw cause;
    throw sdkError.insufficientFee(`invalid fee amount: ${formatCoins(fee)} (${cause.message})`);
  }
}

function payForSignature(ctx: Ctx, params: Params, key: PubKey, data: SignatureData): void {
  if (key.type === "multisig") {
    if (data.kind !== "multisig") throw sdkError.unauthorized("expected a multisig signature, got a single one");
    for (const [member, signature] of signingMembers(key, data)) payForSignature(ctx, params, member, signature);
    return;
  }
  const cost = key.type === "ed25519" ? params.sigVerifyCostEd25519 : params.sigVerifyCostSecp256k1;
  spend(ctx, cost, `ante verify: ${key.type}`);
}

/** Amounts come from parameters, which governance may set to anything: what cannot be counted is more than anybody has. */
function spend(ctx: Ctx, amount: bigint, why: string): void {
  ctx.gas.use(amount > BigInt(METER_MAX) ? METER_MAX : Number(amount), why);
}

/** Bytes of a length-delimited field: tag, length, content. */
const fieldLength = (length: number): number => 1 + (length < 128 ? 1 : length < 16_384 ? 2 : 3) + length;

function badSignature(
  { accountNumber, sequence, chainId }: { accountNumber: bigint; sequence: bigint; chainId: string },
  signature: SignatureData,
  problem: string,
) {
  // An amino document holds the sequence, so that a wrong one shows only here.
  const isAmino = isAminoOnly(signature, SignMode.SIGN_MODE_LEGACY_AMINO_JSON);
  const causes = `account number (${accountNumber})${isAmino ? `, sequence (${sequence})` : ""} and chain-id (${chainId})`;
  return sdkError.unauthorized(`signature verification failed; please verify ${causes}: (${problem})`);
}
