import { type JsonObject, jsonText, toJson } from "@interfirm/proto/json";
import { createRegistry } from "@interfirm/proto/registry";
import type { MessageType } from "@interfirm/proto/types";
import type { Event } from "./context.ts";

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
