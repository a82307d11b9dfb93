/** The wires between the nodes of a network, each a forwarder on the loopback, so that a test can cut them and slow them down. */
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Links {
  /** The port at which node `from` reaches what listens on `port` of node `to`. */
  open(from: string, to: string, port: number): Promise<number>;
  /**
   * Nodes of different groups hear nothing of one another any more, nor that it is so: bytes are held, as by a network that
   * loses them all, and flow again after `heal`. Nodes in no group hear everybody.
   */
  split(...groups: readonly (readonly string[])[]): void;
  heal(): void;
  /** From now on whatever is sent takes this long, up to 64 KiB at once; 0: no time. */
  delay(ms: number): void;
  close(): Promise<void>;
}

export function createLinks(): Links {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let groups: readonly (readonly string[])[] = [];
  let delayMs = 0;
  const regrouping = new EventEmitter().setMaxListeners(0);

  const isCut = (from: string, to: string): boolean => {
    const [one, other] = [from, to].map((name) => groups.findIndex((group) => group.includes(name)));
    return one !== other && one !== -1 && other !== -1;
  };

  function regroup(now: readonly (readonly string[])[]): void {
    groups = now;
    regrouping.emit("done");
  }

  async function forward(source: Socket, sink: Socket, from: string, to: string): Promise<void> {
    const passed = async () => {
      while (isCut(from, to)) await once(regrouping, "done");
    };
    try {
      for await (const chunk of source) {
        if (delayMs > 0) await sleep(delayMs);
        await passed();
        if (!sink.write(chunk as Uint8Array)) await once(sink, "drain");
      }
      await passed();
      sink.end();
    } catch {
      // One side is gone: so is the other.
      source.destroy();
      sink.destroy();
    }
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Whoever reads or writes it hears of it.
    socket.on("error", () => {});
  }

  return {
    async open(from, to, port) {
      const server = createServer((caller) => {
        const called = connect(port, "127.0.0.1");
        for (const socket of [caller, called]) keep(socket);
        void forward(caller, called, from, to);
        void forward(called, caller, to, from);
      });
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    },
    split: (...parts) => regroup(parts),
    heal: () => regroup([]),
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      regroup([]);
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}
