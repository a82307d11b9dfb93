/** What the Go SDK's own code says of its types, recorded with cosmossdk.io/api 0.9.2 and cosmossdk.io/x/tx 0.14.0. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { base64 } from "@scure/base";
import { describe, expect, it } from "vitest";
import { fromAmino, toAmino } from "./amino.ts";
import { allServices, allTypes } from "./gen/index.ts";
import { sortedJsonText } from "./json.ts";
import { createRegistry } from "./registry.ts";
import type { HttpRoute, ServiceType } from "./types.ts";

const registry = createRegistry(allTypes);
const recorded = (name: string): string[][] =>
  readFileSync(join(import.meta.dirname, "testdata", name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));

describe("amino JSON", () => {
  // Type URL, the message's bytes, and its text from x/tx/signing/aminojson.
  const cases = recorded("sdk-amino.txt");

  it.each(cases)("of %s %s", (typeUrl, bytes, ...text) => {
    const type = registry.get(typeUrl as string);
    if (type === undefined) throw new Error(`${typeUrl} is not among our types`);
    const message = type.decode(base64.decode(bytes as string));
    const json = toAmino(type, message, registry);
    expect(sortedJsonText(json)).toBe(text.join(" "));
    expect(fromAmino(type, json, registry)).toStrictEqual(message);
  });

  it("is recorded for every message of the SDK that can be in a transaction", () => {
    const urls = new Set(cases.map(([typeUrl]) => typeUrl));
    const messages = allTypes.filter(({ typeName, signers }) => signers.length > 0 && typeName.startsWith("cosmos."));
    expect(messages.filter(({ typeUrl }) => !urls.has(typeUrl)).map(({ typeUrl }) => typeUrl)).toStrictEqual([]);
  });
});

describe("services", () => {
  // Name, request, response, and the HTTP method and path, if it has them.
  const words = ({ method, path, body }: HttpRoute) => [method.toUpperCase(), path, body ?? []].flat();
  const ours = new Map(
    (allServices as readonly ServiceType[]).flatMap(({ typeName, methods }) =>
      Object.values(methods).map(({ name, input, output, http }): [string, string] => [
        `${typeName}.${name}`,
        [input.typeName, output.typeName, ...http.flatMap(words)].join(" "),
      ]),
    ),
  );

  it.each(recorded("sdk-methods.txt"))("have %s", (name, ...parts) => {
    expect(ours.get(name as string)).toBe(parts.join(" "));
  });
});
