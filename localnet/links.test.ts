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

/** What comes back next. */
const hear = async (): Promise<string> => String(...(await once(caller, "data")));

/** What comes back of `text`. */
function say(text: string): Promise<string> {
  caller.write(text);
  return hear();
}

describe("links", () => {
  it("carry what is sent, both ways", async () => {
    expect(await say("one")).toBe("one");
  });

  it("hold it between groups, and nowhere else, until they are healed", async () => {
    links.split(["c", "a"], ["d"]);
    expect(await say("one")).toBe("one");
    links.split(["a"], ["b"]);
    const answer = say("two");
    expect(await Promise.race([answer, sleep(100)])).toBeUndefined();
    links.heal();
    expect(await answer).toBe("two");
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
