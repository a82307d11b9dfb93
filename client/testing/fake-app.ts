/** An application of bank sends and agreements in a few lines: what the client's own tests talk to. */

import * as auth from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import * as bank from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { TxMsgData } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import { ConfigResponse } from "@interfirm/proto/gen/cosmos/base/node/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import {
  AuthInfo,
  SignDoc,
  SimulateRequest,
  SimulateResponse,
  TxBody,
  TxRaw,
} from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import * as agreements from "@interfirm/proto/gen/interfirm/agreements/v1";
import { packAny } from "@interfirm/proto/registry";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { RawEvent } from "../blocks.ts";
import { sha256 } from "../bytes.ts";
import { msgMethods } from "../msgs.ts";
import { typeOf } from "../registry.ts";

export interface Outcome {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly data: Uint8Array;
  readonly events: readonly RawEvent[];
}

/** A refusal of the application, as `ChainError` is in the real one. */
export class Refusal extends Error {
  readonly code: number;
  readonly codespace: string;
  constructor(codespace: string, code: number, message: string) {
    super(message);
    this.code = code;
    this.codespace = codespace;
  }
}

export interface FakeAppOptions {
  readonly chainId: string;
  readonly prefix: string;
  readonly denom: string;
  readonly minimumGasPrice: string;
  /** Balances of genesis. */
  readonly balances: Readonly<Record<string, bigint>>;
}

interface Account {
  readonly number: bigint;
  sequence: bigint;
  balance: bigint;
}

export const GAS_USED = 80_000n;

const { AGREEMENT_STATUS_UNSPECIFIED, AGREEMENT_STATUS_PROPOSED, AGREEMENT_STATUS_ACTIVE, AGREEMENT_STATUS_SETTLED } =
  agreements.AgreementStatus;
const statusName = (status: number): string =>
  Object.entries(agreements.AgreementStatus).find(([, value]) => value === status)![0];

const toEvent = (type: string, fields: Readonly<Record<string, string>>): RawEvent => ({
  type,
  attributes: Object.entries(fields).map(([key, value]) => ({ key, value })),
});

const encoded = <T>(type: MessageType<T>, message: DeepPartial<T>): Uint8Array =>
  type.encode(type.fromPartial(message)).finish();

export function createFakeApp({ chainId, prefix, denom, minimumGasPrice, balances }: FakeAppOptions) {
  const accounts = new Map<string, Account>(
    Object.entries(balances).map(([address, balance], i) => [address, { number: BigInt(i), sequence: 0n, balance }]),
  );
  /** Sequences as CheckTx sees them. */
  const checked = new Map<string, bigint>();
  const deals = new Map<bigint, agreements.Agreement>();

  function find(address: string): Account {
    const account = accounts.get(address);
    if (!account) {
      throw new Refusal("sdk", 22, `rpc error: code = NotFound desc = account ${address} not found: key not found`);
    }
    return account;
  }

  /** Signer and messages of a transaction whose signature and sequence are right. */
  function open(bytes: Uint8Array, sequenceOf: (address: string) => bigint, simulate: boolean) {
    const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(bytes);
    const [info] = AuthInfo.decode(authInfoBytes).signerInfos;
    const messages = TxBody.decode(bodyBytes).messages.map(({ typeUrl, value }) => {
      const type = typeOf(typeUrl)!;
      return { type, value: type.decode(value) as Record<string, unknown> };
    });
    const [first] = messages;
    const signer = first!.value[first!.type.signers[0]!] as string;
    const { number: accountNumber } = find(signer);
    const expected = sequenceOf(signer);
    if (info?.sequence !== expected) {
      const text = `account sequence mismatch, expected ${expected}, got ${info?.sequence}: incorrect account sequence`;
      throw new Refusal("sdk", 32, text);
    }
    if (!simulate && info.modeInfo?.single?.mode === SignMode.SIGN_MODE_DIRECT) {
      const digest = sha256(encoded(SignDoc, { bodyBytes, authInfoBytes, chainId, accountNumber }));
      const { key } = PubKey.decode(info.publicKey!.value);
      if (!secp256k1.verify(signatures[0]!, digest, key, { prehash: false })) {
        throw new Refusal("sdk", 4, "signature verification failed: unauthorized");
      }
    }
    return { signer, messages };
  }

  function pay(from: string, to: string, amount: bigint): RawEvent {
    const payer = find(from);
    if (amount > payer.balance) {
      const text = `spendable balance ${payer.balance}${denom} is smaller than ${amount}${denom}: insufficient funds`;
      throw new Refusal("sdk", 5, text);
    }
    const payee = accounts.get(to) ?? { number: BigInt(accounts.size), sequence: 0n, balance: 0n };
    accounts.set(to, payee);
    payer.balance -= amount;
    payee.balance += amount;
    return toEvent("transfer", { sender: from, recipient: to, amount: `${amount}${denom}` });
  }

  function move(deal: agreements.Agreement, from: number, to: agreements.AgreementStatus): RawEvent {
    if (deal.status !== from) {
      throw new Refusal(
        "agreements",
        4,
        `agreement ${deal.id} is ${statusName(deal.status)}, want ${statusName(from)}`,
      );
    }
    deals.set(deal.id, { ...deal, status: to });
    const fields = { id: `"${deal.id}"`, from: `"${statusName(from)}"`, to: `"${statusName(to)}"`, msg_index: "0" };
    return toEvent(agreements.EventStatusChanged.typeName, fields);
  }

  function deal(id: bigint): agreements.Agreement {
    const found = deals.get(id);
    if (!found) throw new Refusal("agreements", 2, `agreement ${id} does not exist`);
    return found;
  }

  /** Does one message. The escrow is an account like any other. */
  function act(typeUrl: string, value: unknown): { readonly response: object; readonly events: readonly RawEvent[] } {
    switch (typeUrl) {
      case bank.MsgSend.typeUrl: {
        const { fromAddress, toAddress, amount } = value as bank.MsgSend;
        return { response: {}, events: [pay(fromAddress, toAddress, amount[0]?.amount ?? 0n)] };
      }
      case agreements.MsgPropose.typeUrl: {
        const terms = value as agreements.MsgPropose;
        const id = BigInt(deals.size + 1);
        const fresh = agreements.Agreement.fromPartial({ ...terms, id });
        const events = [
          pay(terms.payer, "escrow", terms.price.amount),
          move(fresh, AGREEMENT_STATUS_UNSPECIFIED, AGREEMENT_STATUS_PROPOSED),
        ];
        return { response: { id }, events };
      }
      case agreements.MsgAccept.typeUrl: {
        const { id } = value as agreements.MsgAccept;
        return { response: {}, events: [move(deal(id), AGREEMENT_STATUS_PROPOSED, AGREEMENT_STATUS_ACTIVE)] };
      }
      case agreements.MsgSettle.typeUrl: {
        const settled = deal((value as agreements.MsgSettle).id);
        const moved = move(settled, AGREEMENT_STATUS_ACTIVE, AGREEMENT_STATUS_SETTLED);
        return { response: {}, events: [moved, pay("escrow", settled.payee, settled.price.amount)] };
      }
      default:
        throw new Refusal("sdk", 6, `no message handler for ${typeUrl}: unknown request`);
    }
  }

  return {
    prefix,
    balanceOf: (address: string) => accounts.get(address)?.balance ?? 0n,
    sequenceOf: (address: string) => accounts.get(address)?.sequence ?? 0n,

    /** Throws a `Refusal`. */
    check(bytes: Uint8Array): void {
      const { signer } = open(bytes, (address) => checked.get(address) ?? find(address).sequence, false);
      checked.set(signer, (checked.get(signer) ?? find(signer).sequence) + 1n);
    },

    resetChecks: () => checked.clear(),

    run(bytes: Uint8Array): Outcome {
      try {
        const { signer, messages } = open(bytes, (address) => find(address).sequence, false);
        const account = find(signer);
        const events = [toEvent("tx", { acc_seq: `${signer}/${account.sequence++}` })];
        const msgResponses: Any[] = [];
        for (const { type, value } of messages) {
          const { response, events: more } = act(type.typeUrl, value);
          events.push(...more);
          const { output } = msgMethods.get(type.typeUrl)!;
          msgResponses.push({ typeUrl: output.typeUrl, value: encoded(output, response) });
        }
        return { code: 0, codespace: "", log: "", data: encoded(TxMsgData, { msgResponses }), events };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { code: error.code, codespace: error.codespace, log: error.message, data: new Uint8Array(), events: [] };
      }
    },

    /** Throws a `Refusal`. */
    query(path: string, data: Uint8Array): Uint8Array {
      switch (path) {
        case "/cosmos.auth.v1beta1.Query/Bech32Prefix":
          return encoded(auth.Bech32PrefixResponse, { bech32Prefix: prefix });
        case "/cosmos.base.node.v1beta1.Service/Config":
          return encoded(ConfigResponse, { minimumGasPrice });
        case "/cosmos.auth.v1beta1.Query/Account":
        case "/cosmos.auth.v1beta1.Query/AccountInfo": {
          const { address } = auth.QueryAccountRequest.decode(data);
          const { number: accountNumber, sequence } = find(address);
          const info = { address, accountNumber, sequence };
          if (path.endsWith("Info")) return encoded(auth.QueryAccountInfoResponse, { info });
          return encoded(auth.QueryAccountResponse, {
            account: packAny(auth.BaseAccount, auth.BaseAccount.fromPartial(info)),
          });
        }
        case "/cosmos.bank.v1beta1.Query/Balance": {
          const request = bank.QueryBalanceRequest.decode(data);
          const amount = request.denom === denom ? (accounts.get(request.address)?.balance ?? 0n) : 0n;
          return encoded(bank.QueryBalanceResponse, { balance: { denom: request.denom, amount } });
        }
        case "/interfirm.agreements.v1.Query/Agreement":
          return encoded(agreements.QueryAgreementResponse, {
            agreement: deal(agreements.QueryAgreementRequest.decode(data).id),
          });
        case "/cosmos.tx.v1beta1.Service/Simulate":
          open(SimulateRequest.decode(data).txBytes, (address) => find(address).sequence, true);
          return encoded(SimulateResponse, { gasInfo: { gasUsed: GAS_USED } });
        default:
          throw new Refusal("sdk", 6, `unknown query path: ${path}`);
      }
    },
  };
}
