import { Branch } from "@interfirm/modules/kernel/branch";
import { RunCtx } from "@interfirm/modules/kernel/ctx";
import { GasMeter } from "@interfirm/modules/kernel/gas";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import { addr, TEST_PREFIX } from "@interfirm/modules/kernel/testing";
import { Msg, MsgSend, MsgSendResponse } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import type { MessageType, ServiceType } from "@interfirm/proto/types";
import { describe, expect, it, vi } from "vitest";
import { createMsgRouter, routeMessages, routeQueries } from "./router.ts";

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

describe("the router of messages that modules hold", () => {
  const header = { chainId: "test-1", height: 1n, time: 1n, addressPrefix: TEST_PREFIX };
  const nowhere = new Branch(() => {
    throw new Error("no store is open here");
  });
  const ctx = new RunCtx(header, nowhere, new GasMeter(Number.POSITIVE_INFINITY), () => true);
  const [alice, bob] = [addr("alice"), addr("bob")];
  const { send } = Msg.methods;
  const only: ServiceType = { typeName: Msg.typeName, comment: "", methods: { send } };
  const handle = vi.fn();
  const onBug = vi.fn();
  const router = createMsgRouter(() => [module("bank", { msgs: [{ type: only, handlers: { send: handle } }] })], onBug);
  const message = (fromAddress: string) => ({
    typeUrl: MsgSend.typeUrl,
    value: MsgSend.encode(MsgSend.fromPartial({ fromAddress, toAddress: bob })).finish(),
  });

  it("finds who signs, and handles for no other signer", () => {
    expect(router.handles(MsgSend.typeUrl)).toBe(true);
    expect(router.handles("/cosmos.bank.v1beta1.MsgMultiSend")).toBe(false);
    expect(router.signers(ctx, message(alice))).toEqual([alice]);
    expect(() => router.dispatch(ctx, message(alice), bob)).toThrow(/signed by .*, want .* alone: unauthorized/);
    expect(handle).not.toHaveBeenCalled();
    expect(router.dispatch(ctx, message(alice), alice)).toEqual({
      typeUrl: MsgSendResponse.typeUrl,
      value: new Uint8Array(0),
    });
    expect(handle).toHaveBeenCalledOnce();
  });

  it("makes a failure of a bug, as in a transaction, but not of what differs between machines", () => {
    const bug = new TypeError("x is undefined");
    handle.mockImplementationOnce(() => {
      throw bug;
    });
    expect(() => router.dispatch(ctx, message(alice), alice)).toThrow(
      expect.objectContaining({ codespace: "internal", code: 1, message: "internal error" }),
    );
    expect(onBug).toHaveBeenCalledExactlyOnceWith(bug);
    handle.mockImplementationOnce(() => {
      throw new RangeError("Maximum call stack size exceeded");
    });
    expect(() => router.dispatch(ctx, message(alice), alice)).toThrow(RangeError);
  });

  it("refuses what nobody handles, bytes of another type and signers that are no addresses", () => {
    const code = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return (error as { code?: number }).code;
      }
    };
    expect(code(() => router.signers(ctx, { typeUrl: "/test.Other", value: new Uint8Array(0) }))).toBe(6);
    expect(code(() => router.dispatch(ctx, { ...message(alice), value: Uint8Array.of(10, 200) }, alice))).toBe(34);
    expect(code(() => router.dispatch(ctx, message("alice"), alice))).toBe(7);
  });
});
