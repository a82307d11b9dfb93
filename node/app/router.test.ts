import type { AnyModule } from "@interfirm/modules/kernel/module";
import type { MessageType, ServiceType } from "@interfirm/proto/types";
import { describe, expect, it } from "vitest";
import { routeMessages, routeQueries } from "./router.ts";

const type = (name: string): MessageType<unknown> =>
  ({ typeUrl: `/test.${name}`, typeName: `test.${name}` }) as MessageType<unknown>;
const service = (typeName: string): ServiceType => ({
  typeName,
  comment: "",
  methods: { ping: { name: "Ping", input: type("MsgPing"), output: type("Pong"), http: [], comment: "" } },
});
const module = (name: string, parts: Partial<AnyModule>): AnyModule => ({ name, ...parts }) as AnyModule;
const ping = { type: service("test.Msg"), handlers: { ping: () => "pong" } };

describe("routes", () => {
  it("are found by type URL and by method path", () => {
    const messages = routeMessages([module("a", { msgs: [ping] })]);
    expect(messages.get("/test.MsgPing")?.handle(undefined as never, {})).toBe("pong");
    const queries = routeQueries([module("a", { queries: [{ ...ping, type: service("test.Query") }] })]);
    expect([...queries.keys()]).toEqual(["/test.Query/Ping"]);
  });

  it("refuse a method without handler, and two handlers for one", () => {
    expect(() => routeMessages([module("a", { msgs: [{ ...ping, handlers: {} }] })])).toThrow(/test.Msg\/Ping has no/);
    expect(() => routeMessages([module("a", { msgs: [ping] }), module("b", { msgs: [ping] })])).toThrow(
      /b: \/test.MsgPing has a handler already/,
    );
    expect(() => routeQueries([module("a", { queries: [ping, ping] })])).toThrow(/has a handler already/);
  });
});
