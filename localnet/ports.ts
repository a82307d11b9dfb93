import { createServer } from "node:net";

/** Opens a port on the loopback for a moment: 0 lets the system choose. Resolves with undefined when it is taken. */
function probe(port: number): Promise<{ readonly port: number; release(): Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const chosen = typeof address === "object" && address ? address.port : port;
      resolve({ port: chosen, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

/** `count` different free ports: the wanted ones when all of them are free, else whichever the system gives. */
export async function freePorts(count: number, wanted: readonly number[] = []): Promise<readonly number[]> {
  const take = async (ports: readonly number[]) => {
    const probes = await Promise.all(ports.map(probe));
    await Promise.all(probes.map((one) => one?.release()));
    return probes.map((one) => one?.port).filter((port) => port !== undefined);
  };
  if (wanted.length === count) {
    const ports = await take(wanted);
    if (ports.length === count) return ports;
  }
  const ports = await take(new Array<number>(count).fill(0));
  if (ports.length !== count) throw new Error(`there are ${ports.length} free ports, want ${count}`);
  return ports;
}
