import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { WireError } from "@interfirm/proto/runtime";
import type { MessageType } from "@interfirm/proto/types";
import { sdkError } from "./sdk-errors.ts";

/**
 * Reads a message out of an `Any` that a transaction or genesis brought. Its fields were checked when it came in, but not the
 * values that they hold. Throws `sdk/34`.
 */
export function decodeAny<T>(type: MessageType<T>, { value }: Pick<Any, "value">): T {
  try {
    return type.decode(value);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw sdkError.unpackAny(`${type.typeName} does not parse: ${cause.message}`);
  }
}
