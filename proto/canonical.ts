import { type AnyMessageType, type AnyValue, type Registry, unpackAny } from "./registry.ts";

/**
 * Whether these bytes are the one encoding that ADR-027 has for what they decode to, in every Any inside as well.
 * The bytes have passed `checkWire` with the same registry, which bounds how deep and how many Anys there are.
 */
export function isCanonical(type: AnyMessageType, bytes: Uint8Array, registry: Registry): boolean {
  const rest: { readonly type: AnyMessageType; readonly bytes: Uint8Array }[] = [{ type, bytes }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const value = next.type.decode(next.bytes);
    if (!sameBytes(next.type.encode(value).finish(), next.bytes)) return false;
    for (const any of anysIn(next.type, value)) {
      rest.push({ type: unpackAny(any, registry).type, bytes: any.value });
    }
  }
  return true;
}

/** The Anys of a message and of the messages in it, closed. */
function anysIn(type: AnyMessageType, value: unknown): AnyValue[] {
  const found: AnyValue[] = [];
  const rest: { readonly type: AnyMessageType; readonly value: unknown }[] = [{ type, value }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.type.typeName === "google.protobuf.Any") {
      found.push(next.value as AnyValue);
      continue;
    }
    for (const field of next.type.fields) {
      const inner = field.message?.();
      const held = (next.value as Readonly<Record<string, unknown>>)[field.name];
      if (inner === undefined || held === undefined) continue;
      for (const item of field.repeated ? (held as readonly unknown[]) : [held])
        rest.push({ type: inner, value: item });
    }
  }
  return found;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
