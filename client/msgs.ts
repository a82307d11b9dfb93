import { fromBech32, toBech32 } from "@cosmjs/encoding";
import type { EncodeObject } from "@cosmjs/proto-signing";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { byModule, type Input, type ModuleKey, type MsgService, msgServices, type Output } from "./services.ts";

declare const response: unique symbol;

/** A message as CosmJS signs it, which remembers the type of its response. */
export interface Msg<I = unknown, O = unknown> extends EncodeObject {
  readonly typeUrl: string;
  readonly value: I;
  /** In types only. */
  readonly [response]?: O;
}
export type ResponseOf<M> = M extends Msg<infer _, infer O> ? O : never;

type MsgMethods<S extends MsgService> = {
  readonly [K in keyof S["methods"]]: (
    fields: DeepPartial<Input<S["methods"][K]>>,
  ) => Msg<Input<S["methods"][K]>, Output<S["methods"][K]>>;
};

/** `msgs.bank.send({ toAddress, amount })`: a maker for every message. */
export type Msgs = { readonly [S in MsgService as ModuleKey<S, MsgService>]: MsgMethods<S> };

/** Input and output of every message, by type URL of the input. */
export const msgMethods: ReadonlyMap<
  string,
  { readonly input: MessageType<unknown>; readonly output: MessageType<unknown> }
> = new Map(
  [...msgServices.keys()].flatMap((service) =>
    Object.values(service.methods).map((method) => [method.input.typeUrl, method] as const),
  ),
);

/** The signer as the field has it: an operator is named by an address of its own, with the bytes of its account's. */
function signerText({ fields }: MessageType<unknown>, name: string, signer: string): string {
  if (fields.find((field) => field.name === name)?.cosmos !== "cosmos.ValidatorAddressString") return signer;
  const { prefix, data } = fromBech32(signer);
  return toBech32(`${prefix}valoper`, data);
}

/** Signers that the caller left out become `signer`, an account's address, or the operator with that account. */
export function withSigner<T extends object>(type: MessageType<unknown>, fields: T, signer: string | undefined): T {
  const missing = type.signers.filter((name) => !(fields as Record<string, unknown>)[name]);
  return signer === undefined || missing.length === 0
    ? fields
    : { ...fields, ...Object.fromEntries(missing.map((name) => [name, signerText(type, name, signer)])) };
}

/** Derives a maker for every message from the descriptors. `signer` fills the signer fields that are left out. */
export function createMsgs(signer?: string): Msgs {
  const modules = byModule(
    msgServices,
    (_service, { input }) =>
      (fields: object): Msg => ({
        typeUrl: input.typeUrl,
        value: input.fromPartial(withSigner(input, fields, signer)),
      }),
  );
  // The record is built from the same services that the type is mapped over.
  return modules as unknown as Msgs;
}

/** Makers of every message, with all fields given. */
export const msgs: Msgs = createMsgs();
