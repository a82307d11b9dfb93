import type { MessageType } from "./types.ts";
import { quote, WireError } from "./wire.ts";

// biome-ignore lint/suspicious/noExplicitAny: a registry is heterogeneous in its message types
export type AnyMessageType = MessageType<any>;

/** The types that an Any may hold. Looked up by exact name, so that nothing on an object's prototype is ever found. */
export interface Registry {
  readonly types: readonly AnyMessageType[];
  /** By `/cosmos.bank.v1beta1.MsgSend`, slash included. Undefined when unknown. */
  get(typeUrl: string): AnyMessageType | undefined;
  /** By `cosmos-sdk/MsgSend`. Undefined when unknown. */
  byAminoName(name: string): AnyMessageType | undefined;
}

/** Throws a plain Error when two types share a name: that is a wiring bug. */
export function createRegistry(types: readonly AnyMessageType[]): Registry {
  const byUrl = new Map<string, AnyMessageType>();
  const byAmino = new Map<string, AnyMessageType>();
  for (const type of types) {
    if (byUrl.has(type.typeUrl)) throw new Error(`${type.typeUrl} is registered twice`);
    byUrl.set(type.typeUrl, type);
    if (type.aminoName === undefined) continue;
    if (byAmino.has(type.aminoName)) throw new Error(`${type.aminoName} is registered twice`);
    byAmino.set(type.aminoName, type);
  }
  return {
    types,
    get: (typeUrl) => byUrl.get(typeUrl),
    byAminoName: (name) => byAmino.get(name),
  };
}

/** The shape of `google.protobuf.Any`. */
export interface AnyValue {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export const packAny = <T>(type: MessageType<T>, message: T): AnyValue => ({
  typeUrl: type.typeUrl,
  value: type.encode(message).finish(),
});

/**
 * The message in an Any and its type. Untrusted bytes pass `checkWire` with the same registry first.
 * Throws `WireError` for an unknown type and for bytes that are not of it.
 */
export function unpackAny(
  any: AnyValue,
  registry: Registry,
): { readonly type: AnyMessageType; readonly message: unknown } {
  const type = registry.get(any.typeUrl);
  if (type === undefined) throw new WireError(`type URL is ${quote(any.typeUrl)}, want a registered one`);
  return { type, message: type.decode(any.value) };
}
