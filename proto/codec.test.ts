import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import fc from "fast-check";
import type protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { allTypes } from "./gen/index.ts";
import { loadSchema } from "./generator/schema.ts";
import type { AnyMessageType } from "./registry.ts";
import { arbitraryMessage } from "./testing/arbitrary.ts";
import type { Field } from "./types.ts";

type Plain = Record<string, unknown>;

const RUNS = { numRuns: 25, seed: 1 };

interface CosmjsType {
  readonly typeUrl: string;
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromPartial(partial: unknown): unknown;
}

/** CosmJS' codecs of the packages that we have, by type URL. */
function cosmjsTypes(): Map<string, CosmjsType> {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve("cosmjs-types/index"));
  const found = new Map<string, CosmjsType>();
  const folders = new Set(
    allTypes.map(({ typeName }) =>
      typeName
        .split(".")
        .filter((part) => /^[a-z0-9]+$/.test(part))
        .join("/"),
    ),
  );
  for (const folder of folders) {
    for (const file of files(join(root, folder))) {
      for (const exported of Object.values(require(file) as Record<string, CosmjsType>)) {
        if (typeof exported?.typeUrl === "string") found.set(exported.typeUrl, exported);
      }
    }
  }
  return found;
}

function files(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

const isEmptyList = (value: unknown): boolean =>
  (value instanceof Uint8Array || Array.isArray(value)) && value.length === 0;

/**
 * What cosmjs-types 0.11 gets wrong: it corrupts 64-bit integers from 2^31 to 2^32 − 1, and writes an empty list of
 * numbers as a field of length 0. The other oracle covers them.
 */
function cosmjsErrs(type: AnyMessageType, message: Plain): boolean {
  return type.fields.some((field) => {
    const value = message[field.name];
    const values = field.repeated ? (value as unknown[]) : [value];
    if (field.repeated && values.length === 0) return field.kind === "enum" || /int|fixed/.test(field.scalar ?? "");
    return values.some((item) => {
      if (field.message) return item !== undefined && cosmjsErrs(field.message(), item as Plain);
      const is64 = typeof item === "bigint" && field.cosmos === undefined;
      return is64 && BigInt.asUintN(64, item) >= 1n << 31n && BigInt.asUintN(64, item) < 1n << 32n;
    });
  });
}

/** Values as an oracle wants them: amounts as text, or as its bytes. */
function forOracle(type: AnyMessageType, message: Plain, rename: (field: Field) => string, long: boolean): Plain {
  const convert = (field: Field, value: unknown): unknown => {
    if (field.message) return forOracle(field.message(), value as Plain, rename, long);
    if (field.cosmos === "cosmos.Int" || field.cosmos === "cosmos.Dec") {
      return field.scalar === "bytes" ? new TextEncoder().encode(String(value)) : String(value);
    }
    return long && typeof value === "bigint" ? value.toString() : value;
  };
  const isDefault = (field: Field, value: unknown): boolean =>
    field.oneof === undefined &&
    field.cosmos !== "cosmos.Int" &&
    field.cosmos !== "cosmos.Dec" &&
    (value === 0 || value === 0n || value === "" || value === false || isEmptyList(value));
  const plain: Plain = {};
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || (long && isDefault(field, value))) continue;
    plain[rename(field)] = field.repeated
      ? (value as unknown[]).map((item) => convert(field, item))
      : convert(field, value);
  }
  return plain;
}

const oracles = { cosmjs: cosmjsTypes(), reflection: loadSchema(import.meta.dirname) as protobuf.Root };

/** Keys, empties, events and CometBFT's database, which CosmJS has no use for, and nested messages, which it exports without type URL. */
const NOT_IN_COSMJS =
  /secp256r1|tendermint.state|google.protobuf.Empty|authz.v1beta1.Event|(?:ModeInfo|Data|SignatureDescriptor|StakeAuthorization)\.[A-Z]/;

/** Messages with a field that cosmjs-types 0.11 does not know: ours in genesis files, and `prehash_key_before_comparison`. */
const EXTENDED = new Set([
  "cosmos.auth.v1beta1.GenesisState",
  "cosmos.gov.v1.GenesisState",
  "cosmos.ics23.v1.ProofSpec",
  "cosmos.staking.v1beta1.GenesisState",
]);

it("knows most messages from cosmjs-types", () => {
  const shared = allTypes.filter(({ typeUrl }) => oracles.cosmjs.has(typeUrl)).map(({ typeName }) => typeName);
  const own = allTypes.map(({ typeName }) => typeName).filter((name) => !shared.includes(name));
  const standard = own.filter((name) => !name.startsWith("interfirm.") && !NOT_IN_COSMJS.test(name));
  expect(standard).toStrictEqual([]);
  expect(shared.length).toBeGreaterThan(200);
});

describe.each(allTypes.map((type) => [type.typeName, type] as const))("%s", (name, type) => {
  it("comes back from its bytes", () => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const bytes = type.encode(message).finish();
        expect(type.decode(bytes)).toStrictEqual(message);
        expect(bytes.constructor).toBe(Uint8Array);
      }),
      RUNS,
    );
  });

  const oracle = EXTENDED.has(name) ? undefined : oracles.cosmjs.get(type.typeUrl);
  if (oracle) {
    it("has the bytes of cosmjs-types", () => {
      fc.assert(
        fc.property(arbitraryMessage(type), (message) => {
          fc.pre(!cosmjsErrs(type, message as Plain));
          const plain = forOracle(type, message as Plain, (field) => field.name, false);
          const bytes = type.encode(message).finish();
          expect(bytes).toStrictEqual(oracle.encode(oracle.fromPartial(plain)).finish());
        }),
        RUNS,
      );
    });
  }

  it("has the bytes of protobufjs' reflection", () => {
    const reflected = oracles.reflection.lookupType(name);
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const plain = forOracle(type, message as Plain, (field) => field.protoName, true);
        const bytes = type.encode(message).finish();
        expect(bytes).toStrictEqual(new Uint8Array(reflected.encode(reflected.fromObject(plain)).finish()));
      }),
      RUNS,
    );
  });
});
