import { encodeSecp256k1Pubkey, type StdFee } from "@cosmjs/amino";
import { encodePubkey, type OfflineSigner } from "@cosmjs/proto-signing";
import type { SigningStargateClient } from "@cosmjs/stargate";
import type { Coin } from "@interfirm/proto/gen/cosmos/base/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { DeepPartial } from "@interfirm/proto/types";
import { toBase64 } from "./bytes.ts";
import type { Client, SigningOptions } from "./client.ts";
import { clientError, expectedSequence, InterfirmError, simulatedError } from "./errors.ts";
import { adjustGas, feeOf, type GasPrice, parseGasPrice } from "./fees.ts";
import type { Inclusion } from "./inclusion.ts";
import type { Msg } from "./msgs.ts";
import { TX_TIMEOUT_MS } from "./reading.ts";
import { typeOf } from "./registry.ts";
import { member } from "./rpc.ts";
import { createSequencer, type Sequencer } from "./sequence.ts";
import { assertSucceeded, type BatchResult, readResponses, toTxInfo } from "./tx.ts";

/** How to send one transaction. Everything has a default. */
export interface SendOptions {
  readonly memo?: string;
  /** Gas limit. Simulated and adjusted unless told. */
  readonly gas?: bigint | number;
  readonly gasAdjustment?: number;
  /** Like `0.025ufirm`. */
  readonly gasPrice?: string;
  /** The whole fee, instead of a gas price. */
  readonly fee?: readonly Coin[];
  /** Another account that has agreed to pay fees. */
  readonly feeGranter?: string;
  /** Last height at which the transaction may be included. */
  readonly timeoutHeight?: bigint;
  /** Milliseconds until the transaction counts as lost. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Another account of the same signer. */
  readonly signer?: string;
}

export interface SentTx {
  readonly hash: string;
  readonly sequence: bigint;
  readonly result: Promise<BatchResult<readonly Msg[]>>;
}

interface Account {
  readonly accountNumber: bigint;
  readonly sequencer: Sequencer;
}

export interface SenderDeps {
  readonly client: Client;
  readonly cosmjs: SigningStargateClient;
  readonly signer: OfflineSigner;
  readonly address: string;
  readonly inclusion: Inclusion;
  readonly options: SigningOptions;
}

const SIMULATIONS_MAX = 5;

/** Gas, fee, sequence, signature, broadcast: the way of a transaction from its messages to its block. */
export function createSender({ client, cosmjs, signer, address, inclusion, options }: SenderDeps) {
  const { query, chain } = client;
  const accounts = new Map<string, Promise<Account>>();
  let gasPrice: Promise<GasPrice | undefined> | undefined;

  const sequenceOf = async (of: string) => {
    const { info } = await query.auth.accountInfo({ address: of });
    if (!info) throw clientError("badResponse", `account ${of} has no information`);
    return info;
  };

  async function openAccount(of: string): Promise<Account> {
    const { accountNumber } = await sequenceOf(of);
    const node = {
      committed: async () => (await sequenceOf(of)).sequence,
      height: () => client.height(),
      async broadcast(tx: Uint8Array) {
        const answer = await client.rpc.callOnce("broadcast_tx_sync", { tx: toBase64(tx) });
        return {
          code: Number(member(answer, "code") ?? 0),
          codespace: String(member(answer, "codespace") ?? ""),
          rawLog: String(member(answer, "log") ?? ""),
        };
      },
    };
    return { accountNumber, sequencer: createSequencer(node, inclusion, options) };
  }

  function account(of: string): Promise<Account> {
    let opened = accounts.get(of);
    if (!opened) {
      opened = openAccount(of);
      accounts.set(of, opened);
      opened.catch(() => accounts.delete(of));
    }
    return opened;
  }

  function priceOf(given: string | undefined): Promise<GasPrice | undefined> {
    const told = given ?? options.gasPrice;
    if (told !== undefined) return Promise.resolve(parseGasPrice(told));
    gasPrice ??= query.node.config().then(
      ({ minimumGasPrice }) => parseGasPrice(minimumGasPrice),
      (error) => {
        gasPrice = undefined;
        throw error;
      },
    );
    return gasPrice;
  }

  async function pubkeyOf(of: string) {
    const found = (await signer.getAccounts()).find((one) => one.address === of);
    if (!found) throw clientError("noSigner", `the signer does not hold ${of}`);
    return encodePubkey(encodeSecp256k1Pubkey(found.pubkey));
  }

  /** Gas used by the messages, run on the node's state. Signatures are not looked at, the sequence is. */
  async function simulateAt(
    messages: readonly Msg[],
    given: SendOptions,
    sequence: bigint,
    price: GasPrice | undefined,
  ): Promise<bigint> {
    const of = given.signer ?? address;
    const body = TxBody.fromPartial({
      messages: messages.map(({ typeUrl, value }) => {
        const type = typeOf(typeUrl);
        if (!type) throw clientError("unsupportedMessage", `message is ${typeUrl}, want one that this client knows`);
        return { typeUrl, value: type.encode(type.fromPartial(value as object)).finish() };
      }),
      memo: given.memo ?? "",
      timeoutHeight: given.timeoutHeight ?? 0n,
    });
    // A fee of one unit makes the node run the deduction too; its amount does not change the gas much.
    const amount: DeepPartial<readonly Coin[]> = given.fee ?? (price ? [{ denom: price.denom, amount: 1n }] : []);
    const publicKey = await pubkeyOf(of);
    const bodyBytes = TxBody.encode(body).finish();
    let expected = sequence;
    for (let tries = 1; ; tries++) {
      const authInfo = AuthInfo.fromPartial({
        signerInfos: [{ publicKey, modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } }, sequence: expected }],
        fee: { amount, granter: given.feeGranter ?? "" },
      });
      const authInfoBytes = AuthInfo.encode(authInfo).finish();
      const txBytes = TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [new Uint8Array(64)] }).finish();
      try {
        const { gasInfo } = await query.tx.simulate({ txBytes });
        return gasInfo?.gasUsed ?? 0n;
      } catch (error) {
        // The node may simulate on a state that does not know what is under way.
        const wanted = error instanceof InterfirmError ? expectedSequence(error) : undefined;
        if (wanted === undefined || tries === SIMULATIONS_MAX) {
          throw error instanceof InterfirmError ? simulatedError(error) : error;
        }
        expected = wanted;
      }
    }
  }

  async function feeFor(messages: readonly Msg[], given: SendOptions, sequence: bigint): Promise<StdFee> {
    const price = given.fee ? undefined : await priceOf(given.gasPrice);
    const gas =
      given.gas === undefined
        ? adjustGas(
            await simulateAt(messages, given, sequence, price),
            given.gasAdjustment ?? options.gasAdjustment ?? 1.3,
          )
        : BigInt(given.gas);
    const coins = given.fee ?? (price ? [{ denom: price.denom, amount: feeOf(gas, price) }] : []);
    return {
      amount: coins.filter(({ amount }) => amount > 0n).map(({ denom, amount }) => ({ denom, amount: String(amount) })),
      gas: String(gas),
      ...(given.feeGranter !== undefined && { granter: given.feeGranter }),
    };
  }

  async function send(messages: readonly Msg[], given: SendOptions = {}): Promise<SentTx> {
    const of = given.signer ?? address;
    const { accountNumber, sequencer } = await account(of);
    let fee: StdFee | undefined;
    const sign = async (sequence: bigint): Promise<Uint8Array> => {
      fee ??= await feeFor(messages, given, sequence);
      const data = { accountNumber, sequence: Number(sequence), chainId: chain.chainId };
      const signed = await cosmjs.sign(of, messages, fee, given.memo ?? "", data, given.timeoutHeight);
      return TxRaw.encode(signed).finish();
    };
    const timeoutMs = given.timeoutMs ?? options.txTimeoutMs ?? TX_TIMEOUT_MS;
    const { hash, sequence, included } = await sequencer.submit(sign, { timeoutMs, signal: given.signal });
    const result = included.then((there) => {
      assertSucceeded(there);
      return { ...toTxInfo(there), responses: readResponses(messages, there.tx) } as BatchResult<readonly Msg[]>;
    });
    // Whoever only dispatches need not look at the result.
    result.catch(() => {});
    return { hash, sequence, result };
  }

  return {
    send,
    async simulate(messages: readonly Msg[], given: SendOptions = {}): Promise<bigint> {
      const { sequence } = await sequenceOf(given.signer ?? address);
      return simulateAt(messages, given, sequence, await priceOf(given.gasPrice));
    },
  };
}
