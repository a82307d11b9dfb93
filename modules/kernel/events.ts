import { type JsonObject, jsonText, toJson } from "@interfirm/proto/json";
import { createRegistry } from "@interfirm/proto/registry";
import type { MessageType } from "@interfirm/proto/types";
import type { Ctx, Event, EventAttribute } from "./context.ts";

/** Events hold no `Any`. */
const NO_TYPES = createRegistry([]);

/**
 * A typed event as CometBFT gets it: its type is the message's full name, its attributes are the fields in field order,
 * each value in proto3 JSON (texts in quotes, 64-bit numbers too). So does the SDK's `EmitTypedEvent`, but by name.
 */
export function typedEvent<T>(type: MessageType<T>, event: T): Event {
  const json = toJson(type, event, NO_TYPES) as JsonObject;
  return {
    type: type.typeName,
    attributes: type.fields.map(({ protoName }) => ({
      key: protoName,
      value: jsonText(json[protoName] ?? null),
      index: true,
    })),
  };
}

/** Runs `act` on the same state, and keeps its events for the caller to emit, or not. */
export function collectEvents<R>(
  ctx: Ctx,
  act: (ctx: Ctx) => R,
): { readonly result: R; readonly events: readonly Event[] } {
  const events: Event[] = [];
  return { result: act(collector(ctx, events)), events };
}

const collector = (ctx: Ctx, events: Event[]): Ctx => ({
  chainId: ctx.chainId,
  height: ctx.height,
  time: ctx.time,
  addressPrefix: ctx.addressPrefix,
  gas: ctx.gas,
  store: (key) => ctx.store(key),
  emit: (type, event) => {
    events.push(typedEvent(type, event));
  },
  emitRaw: (type, attributes) => {
    events.push({ type, attributes: attributes.map(toAttribute) });
  },
  atomically(act) {
    const { length } = events;
    try {
      return ctx.atomically((branch) => act(collector(branch, events)));
    } catch (error) {
      events.length = length;
      throw error;
    }
  },
});

const toAttribute = ([key, value]: readonly [key: string, value: string]): EventAttribute => ({
  key,
  value,
  index: true,
});
