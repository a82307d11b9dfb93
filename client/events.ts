import type { Packages } from "@interfirm/proto/gen/index";
import { allTypes } from "@interfirm/proto/gen/index";
import { fromJson } from "@interfirm/proto/json";
import type { MessageOf, MessageType } from "@interfirm/proto/types";
import type { RawEvent } from "./blocks.ts";
import { protoRegistry } from "./registry.ts";

type EventsOf<Name extends string, Content> = {
  [K in keyof Content & `Event${string}`]: Content[K] extends MessageType<infer _>
    ? { readonly type: `${Name}.${K}`; readonly value: MessageOf<Content[K]> }
    : never;
}[keyof Content & `Event${string}`];

/** Every event that our modules describe in their proto files, told apart by `type`. */
export type ChainEvent = {
  [Name in keyof Packages & `interfirm.${string}`]: EventsOf<Name, Packages[Name]>;
}[keyof Packages & `interfirm.${string}`];

export type ChainEventType = ChainEvent["type"];

const eventTypes: ReadonlyMap<string, MessageType<unknown>> = new Map(
  allTypes.filter(({ typeName }) => /^interfirm\..*\.Event[A-Z]/.test(typeName)).map((type) => [type.typeName, type]),
);

/**
 * The typed form of an event: its attributes are the message's fields as JSON. Undefined for the events of the standard
 * modules, which are plain text, and for what this client does not know or cannot read.
 */
export function parseEvent({ type: typeName, attributes }: RawEvent): ChainEvent | undefined {
  const type = eventTypes.get(typeName);
  if (!type) return undefined;
  const names = new Set(type.fields.map(({ protoName }) => protoName));
  try {
    // The node adds attributes of its own, such as `msg_index`.
    const fields = attributes.filter(({ key }) => names.has(key)).map(({ key, value }) => [key, JSON.parse(value)]);
    return { type: typeName, value: fromJson(type, Object.fromEntries(fields), protoRegistry) } as ChainEvent;
  } catch {
    return undefined;
  }
}

/** The typed events among these, in order. */
export const parseEvents = (events: readonly RawEvent[]): readonly ChainEvent[] =>
  events.map(parseEvent).filter((event) => event !== undefined);
