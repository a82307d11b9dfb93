import { Reader, Writer } from "@interfirm/proto/runtime";
import type { ValueCodec } from "../kernel/values.ts";

const VALUE_TAG = 1 << 3;

/** A `google.protobuf.Int64Value`, which is how the SDK stores powers. */
export const int64: ValueCodec<bigint> = {
  form: "google.protobuf.Int64Value",
  encode(value) {
    const writer = new Writer();
    if (value !== 0n) writer.tag(VALUE_TAG).int64(value);
    return writer.finish();
  },
  decode(bytes) {
    if (bytes.length === 0) return 0n;
    const reader = new Reader(bytes);
    if (reader.tag() !== VALUE_TAG) throw new Error("stored power is not an Int64Value");
    return reader.int64();
  },
};
