import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLinks, type Links } from "./links.ts";

let links: Links;
let echo: Server;
let caller: Socket;
beforeEach(async () => {
  links = createLinks();
  echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  caller = connect(await links.open("a", "b", (echo.address() as AddressInfo).port), "127.0.0.1");
  caller.setEncoding("utf8").on("error", () => {});
});
afterEach(async () => {
  caller.destroy();
  await links.close();
  echo.close();
});

/** What comes back of `text`, or undefined when nothing does for a while. */
async function say(text: string): Promise<string | undefined> {
  caller.write(text);
  const heard = once(caller, "data").then(([data]) => data as string);
  return Promise.race([heard, sleep(100, undefined)]);
}

describe("links", () => {
  it("carry what is sent, both ways", async () => {
    expect(await say("one")).toBe("one");
  });

  it("hold it between groups, and nowhere else, until they are healed", async () => {
    links.split(["c", "a"], ["d"]);
    expect(await say("one")).toBe("one");
    links.split(["a"], ["b"]);
    expect(await say("two")).toBeUndefined();
    const heard = once(caller, "data");
    links.heal();
    expect(await heard).toEqual(["two"]);
  });

  it("take their time", async () => {
    links.delay(40);
    const began = performance.now();
    expect(await say("one")).toBe("one");
    expect(performance.now() - began).toBeGreaterThan(70);
  });

  it("end a connection whose other side has ended", async () => {
    expect(await say("one")).toBe("one");
    echo.close();
    const closed = once(caller, "close");
    caller.end();
    await closed;
  });
});
