import { toJson } from "@interfirm/proto/json";
import type { MessageType } from "@interfirm/proto/types";
import type { Event } from "./context.ts";

/**
 * A typed event as CometBFT gets it: its type is the message's full name, its attributes are the fields in field order,
 * each value in proto3 JSON (texts in quotes, 64-bit numbers too). So does the SDK's `EmitTypedEvent`, but by name.
 */
export function typedEvent<T>(type: MessageType<T>, event: T): Event {
  const json = toJson(type, event) as Readonly<Record<string, unknown>>;
  return {
    type: type.typeName,
    attributes: type.fields.map(({ protoName }) => ({
      key: protoName,
      // biome-ignore lint/plugin: one field of a message that proto/json.ts has put in field order
      value: JSON.stringify(json[protoName] ?? null),
      index: true,
    })),
  };
}
