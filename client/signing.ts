import { SigningStargateClient } from "@cosmjs/stargate";
import type { Dispatched, SigningClient, SigningOptions, Transactions } from "./client.ts";
import { clientError } from "./errors.ts";
import { createMsgs, type Msg, withSigner } from "./msgs.ts";
import type { Reading } from "./reading.ts";
import { createAminoTypes, createDefaultRegistry } from "./registry.ts";
import { createSender, type SendOptions } from "./sender.ts";
import { byModule, msgServices } from "./services.ts";
import type { BatchResult } from "./tx.ts";
import { prefixOf } from "./wallet.ts";

/** A client that signs, on top of one that reads. Throws `client/noSigner`, `client/prefixMismatch`. */
export async function createSigning({ client, inclusion }: Reading, options: SigningOptions): Promise<SigningClient> {
  const { chain, comet } = client;
  const signer = typeof options.signer === "function" ? await options.signer(chain) : options.signer;
  const address = options.address ?? (await signer.getAccounts())[0]?.address;
  if (address === undefined) throw clientError("noSigner", "the signer holds no account");
  if (prefixOf(address) !== chain.prefix) {
    throw clientError(
      "prefixMismatch",
      `address of the wallet is ${address}, want one that begins with ${chain.prefix}1`,
    );
  }
  const cosmjs = SigningStargateClient.createWithSigner(comet, signer, {
    registry: createDefaultRegistry(),
    aminoTypes: createAminoTypes(),
  });
  const sender = createSender({ client, cosmjs, signer, address, inclusion, options });

  async function dispatch<const M extends readonly Msg[]>(messages: M, given?: SendOptions): Promise<Dispatched<M>> {
    const sent = await sender.send(messages, given);
    return { txHash: sent.hash, sequence: sent.sequence, result: sent.result as Promise<BatchResult<M>> };
  }

  const transactions = byModule(
    msgServices,
    (_service, { input }) =>
      async (fields: object, given: SendOptions = {}) => {
        const value = input.fromPartial(withSigner(input, fields, given.signer ?? address));
        const { responses, ...info } = await (await dispatch([{ typeUrl: input.typeUrl, value }], given)).result;
        return { ...(responses[0] as object), ...info };
      },
  );

  // The record of transactions is built from the same services that its type is mapped over.
  return {
    ...(transactions as unknown as Transactions),
    ...client,
    msgs: createMsgs(address),
    address,
    dispatch,
    submit: async (messages, given) => (await dispatch(messages, given)).result,
    simulate: sender.simulate,
    cosmjs,
  };
}
