import { EventStatusChanged } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { expect, expectTypeOf, test } from "vitest";
import { InterfirmError, isError, simulatedError } from "./errors.ts";
import { type ChainEvent, parseEvent, parseEvents } from "./events.ts";

const type = EventStatusChanged.typeName;
const attributes = (fields: Record<string, string>) => Object.entries(fields).map(([key, value]) => ({ key, value }));

test("a typed event out of its attributes", () => {
  const fields = { id: `"18446744073709551615"`, from: `"AGREEMENT_STATUS_PROPOSED"`, to: `"AGREEMENT_STATUS_ACTIVE"` };
  const event = parseEvent({ type, attributes: attributes({ ...fields, msg_index: "0" }) });
  expect(event).toEqual({ type, value: { id: 2n ** 64n - 1n, from: 1, to: 2 } });
});

test("what is unknown, plain or broken is no typed event, and no error", () => {
  const events = [
    { type: "transfer", attributes: attributes({ amount: "5ufirm" }) },
    { type: "interfirm.nothing.v1.EventNothing", attributes: [] },
    { type, attributes: attributes({ id: "not json" }) },
    { type, attributes: attributes({ id: `"-1"` }) },
    { type, attributes: attributes({ id: `{"__proto__": 1}` }) },
    { type: "__proto__", attributes: [] },
  ];
  expect(parseEvents(events)).toEqual([]);
});

test("the union is told apart by type", () => {
  type Changed = Extract<ChainEvent, { readonly type: "interfirm.agreements.v1.EventStatusChanged" }>;
  expectTypeOf<Changed["value"]>().toEqualTypeOf<EventStatusChanged>();
});

test("a refusal met in a simulation keeps its own codespace and code", () => {
  const rawLog =
    "rpc error: code = Unknown desc = agreement 1 is settled, want active [agreements/4] with gas used: '47830': unknown request";
  const error = simulatedError(new InterfirmError({ codespace: "sdk", code: 6, rawLog }));
  expect(isError(error, "agreements", "badStatus")).toBe(true);
  expect(error.message).toBe("agreement 1 is settled, want active");
  const other = new InterfirmError({ codespace: "sdk", code: 18, rawLog: "request is bad" });
  expect(simulatedError(other)).toBe(other);
});

test("names for known codes, codes for unknown ones", () => {
  const unknown = new InterfirmError({ codespace: "wonders", code: 7, rawLog: "" });
  expect(unknown.name).toBe("wonders/7");
  expect(new InterfirmError({ codespace: "__proto__", code: 1, rawLog: "x" }).name).toBe("__proto__/1");
  expect(isError(unknown, "sdk")).toBe(false);
  expect(isError(new Error("no"), "sdk")).toBe(false);
});
