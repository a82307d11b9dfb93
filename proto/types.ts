/** The shapes that generated code has: what a message type, a service and a field descriptor look like. */
import type { Reader, Writer } from "./runtime.ts";

declare const brand: unique symbol;

/** A bech32 account address as text, checked at the door (`cosmos.AddressString`). */
export type Address = string & { readonly [brand]: "Address" };

/** What a caller may leave out: absent fields take their proto3 default. Addresses may be given as plain strings. */
export type DeepPartial<T> = T extends Address
  ? string
  : T extends Uint8Array | bigint | string | number | boolean
    ? T
    : T extends readonly (infer U)[]
      ? readonly DeepPartial<U>[]
      : { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined };

/** Wire scalar of a field. Floats and maps are not deterministic: the generator refuses them. */
export type ScalarType =
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

/**
 * What a `gogoproto.customtype` (numbers) or a `cosmos_proto.scalar` (addresses) makes of a field in memory:
 * `cosmos.Int` → `bigint`, on the wire the decimal text (as `string`) or that text's bytes (as `bytes`);
 * `cosmos.Dec` → `bigint` in units of 10⁻¹⁸, on the wire the text of that integer, in JSON with 18 decimals;
 * `cosmos.AddressString` → `Address`; the validator and consensus forms stay plain strings, told apart for checks.
 */
export type CosmosScalar =
  | "cosmos.Int"
  | "cosmos.Dec"
  | "cosmos.AddressString"
  | "cosmos.ValidatorAddressString"
  | "cosmos.ConsensusAddressString";

export interface EnumType {
  readonly typeName: string;
  /** Name to number, in declaration order. */
  readonly values: Readonly<Record<string, number>>;
}

export interface Field {
  readonly no: number;
  /** Property name in TypeScript: camelCase. */
  readonly name: string;
  /** Name in the `.proto` file: snake_case, also its name in JSON. */
  readonly protoName: string;
  readonly kind: "scalar" | "enum" | "message";
  /** For `kind: "scalar"`. */
  readonly scalar?: ScalarType;
  readonly cosmos?: CosmosScalar;
  /** For `kind: "message"`. A thunk, since messages may refer to one another. */
  readonly message?: () => MessageType<unknown>;
  /** For `kind: "enum"`. */
  readonly enum?: () => EnumType;
  readonly repeated: boolean;
  /** Name of the oneof that holds the field, if any. Members are optional properties. */
  readonly oneof?: string;
  /** `(gogoproto.nullable) = false` on a message: always present in memory and always written, even when empty. */
  readonly required: boolean;
  /** A scalar that tells absent from its default: `undefined` when absent (a nullable custom type, proto3 `optional`). */
  readonly optional?: true;
  /** `(amino.dont_omitempty) = true`. */
  readonly aminoKeepEmpty: boolean;
  /** `(amino.field_name)`, where it differs from the proto name. */
  readonly aminoName?: string;
  /** `(amino.encoding)`, such as `legacy_coins` or `inline_json`. */
  readonly aminoEncoding?: string;
  /** `(amino.oneof_name)`, for members of a oneof that has an amino form. */
  readonly aminoOneof?: string;
  /** `(cosmos_proto.accepts_interface)`, for fields that hold an Any. */
  readonly accepts?: string;
  readonly comment: string;
}

/** A generated message: its codec and what is known of it. The codec has the shape that CosmJS' `Registry` accepts. */
export interface MessageType<T> {
  /** `/cosmos.bank.v1beta1.MsgSend` */
  readonly typeUrl: string;
  /** `cosmos.bank.v1beta1.MsgSend` */
  readonly typeName: string;
  /** In ascending field number, which is the order on the wire. */
  readonly fields: readonly Field[];
  /** Property names, as in TypeScript, of the fields that hold the signers (`cosmos.msg.v1.signer`), in order. */
  readonly signers: readonly string[];
  /** `(amino.name)`, such as `cosmos-sdk/MsgSend`; undefined when the message has none. */
  readonly aminoName: string | undefined;
  /** `(amino.message_encoding)`, such as `key_field`. */
  readonly aminoEncoding: string | undefined;
  readonly comment: string;
  /** Fields in ascending number, proto3 defaults left out: the deterministic form of ADR-027. */
  encode(message: T, writer?: Writer): Writer;
  /** Lenient about unknown fields (skipped) and strict about scalars. Throws `WireError`. Untrusted bytes pass `checkWire` first. */
  decode(input: Uint8Array | Reader, length?: number): T;
  fromPartial(partial: DeepPartial<T>): T;
}

export type MessageOf<M> = M extends MessageType<infer T> ? T : never;

export interface HttpRoute {
  readonly method: "get" | "post" | "put" | "delete" | "patch";
  /** `/cosmos/bank/v1beta1/balances/{address}` */
  readonly path: string;
  readonly body?: string;
}

export interface Method<I, O> {
  /** Name in the `.proto` file: `AllBalances`. */
  readonly name: string;
  readonly input: MessageType<I>;
  readonly output: MessageType<O>;
  readonly http: readonly HttpRoute[];
  readonly comment: string;
}

export interface ServiceType {
  /** `cosmos.bank.v1beta1.Query` */
  readonly typeName: string;
  readonly comment: string;
  /** By method name in camelCase, in declaration order. */
  // biome-ignore lint/suspicious/noExplicitAny: a service is heterogeneous in its methods' types
  readonly methods: Readonly<Record<string, Method<any, any>>>;
}
