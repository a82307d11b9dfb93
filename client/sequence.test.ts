import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BlockTx } from "./blocks.ts";
import { txHash } from "./blocks.ts";
import { clientError, InterfirmError, isError } from "./errors.ts";
import type { Included, Inclusion } from "./inclusion.ts";
import { sleep } from "./rpc.ts";
import { createSequencer, type SequenceNode } from "./sequence.ts";

/** One account on one node: a transaction is the text `sequence:intent`. Blocks are made by hand or by a timer. */
function createToyChain({ roomFor = Number.POSITIVE_INFINITY } = {}) {
  const blocks: { sequence: bigint; intent: string }[][] = [];
  const waiting = new Map<string, ((included: Included) => void)[]>();
  const broke = new Set<string>();
  let mempool: { sequence: bigint; intent: string; bytes: Uint8Array }[] = [];
  let committed = 0n;
  let check = 0n;
  /** Fault of the next broadcasts: lost before the node saw it, or after. */
  const faults: ("before" | "after")[] = [];

  const parse = (bytes: Uint8Array) => {
    const [sequence = "", intent = ""] = new TextDecoder().decode(bytes).split(":");
    return { sequence: BigInt(sequence), intent, bytes };
  };
  const mismatch = (got: bigint) => ({
    codespace: "sdk",
    code: 32,
    rawLog: `account sequence mismatch, expected ${check}, got ${got}: incorrect account sequence`,
  });

  const node: SequenceNode = {
    committed: async () => committed,
    height: async () => BigInt(blocks.length),
    async broadcast(bytes) {
      await sleep(0);
      const fault = faults.shift();
      if (fault === "before") throw clientError("connection", "lost on the way there");
      const tx = parse(bytes);
      if (mempool.some((other) => other.sequence === tx.sequence && other.intent === tx.intent)) {
        throw new InterfirmError({
          codespace: "client",
          code: 15,
          rawLog: "Internal error: tx already exists in cache",
        });
      }
      if (mempool.length >= roomFor) {
        throw new InterfirmError({
          codespace: "client",
          code: 15,
          rawLog: "Internal error: mempool is full: 1 (max: 1)",
        });
      }
      if (tx.sequence !== check) return mismatch(tx.sequence);
      if (broke.has(tx.intent)) return { codespace: "sdk", code: 5, rawLog: "insufficient funds" };
      check++;
      mempool.push(tx);
      if (fault === "after") throw clientError("connection", "lost on the way back");
      return { codespace: "", code: 0, rawLog: "" };
    },
  };

  const inclusion: Inclusion = {
    begin: async () => ({
      end() {},
      wait: (hash, { timeoutMs, signal }) =>
        new Promise((resolve, reject) => {
          waiting.set(hash, [...(waiting.get(hash) ?? []), resolve]);
          const timer = setTimeout(() => reject(clientError("timeout", "not in time", { txHash: hash })), timeoutMs);
          timer.unref();
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    }),
    seen: () => BigInt(blocks.length),
    close() {},
  };

  function commit(): void {
    const block = mempool.filter((tx) => tx.sequence === committed && ++committed > 0n);
    mempool = [];
    check = committed;
    blocks.push(block);
    block.forEach(({ bytes }, index) => {
      const tx = { index, hash: txHash(bytes), bytes, code: 0 } as unknown as BlockTx;
      for (const resolve of waiting.get(tx.hash) ?? []) {
        resolve({ tx, height: BigInt(blocks.length), time: new Date(0) });
      }
    });
  }

  return {
    node,
    inclusion,
    commit,
    faults,
    broke,
    intents: () => blocks.flat().map(({ intent }) => intent),
    /** Somebody else sends from the same account. */
    foreign() {
      mempool.push({ sequence: check, intent: "foreign", bytes: new TextEncoder().encode(`${check}:foreign`) });
      check++;
    },
    /** Somebody else sends the very same bytes first. */
    twin(text: string) {
      mempool.push({ ...parse(new TextEncoder().encode(text)) });
      check++;
    },
    restart() {
      mempool = [];
      check = committed;
    },
    /** Makes blocks until `done` settles. */
    async blocksUntil<T>(done: Promise<T>): Promise<T> {
      let over = false;
      const end = () => {
        over = true;
      };
      done.then(end, end);
      while (!over) {
        await sleep(1);
        commit();
      }
      return done;
    },
  };
}

const signing =
  (intent: string, signed: string[] = []) =>
  async (sequence: bigint) => {
    signed.push(`${sequence}:${intent}`);
    return new TextEncoder().encode(`${sequence}:${intent}`);
  };
const fast = { resendMs: 5, restMs: 1 };
const options = { timeoutMs: 2_000 };

describe("sequencer", () => {
  test("500 parallel transactions of one account: each once, in order, none refused", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, { restMs: 1 });
    const signed: string[] = [];
    const names = Array.from({ length: 500 }, (_, i) => `pay${i}`);
    const all = Promise.all(
      names.map(async (name) => (await sequencer.submit(signing(name, signed), options)).included),
    );
    await chain.blocksUntil(all);
    expect(chain.intents()).toEqual(names);
    expect(signed).toHaveLength(500);
  });

  test("a refused transaction leaves its sequence to the next one", async () => {
    const chain = createToyChain();
    chain.broke.add("b");
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const results = Promise.allSettled(
      ["a", "b", "c"].map(async (name) => (await sequencer.submit(signing(name), options)).included),
    );
    const [a, b, c] = await chain.blocksUntil(results);
    expect([a?.status, c?.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(b?.status === "rejected" && isError(b.reason, "sdk", "insufficientFunds")).toBe(true);
    expect(chain.intents()).toEqual(["a", "c"]);
  });

  test("goes on at the sequence that the chain wants when another program used the account", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    await sequencer.submit(signing("a"), options);
    chain.foreign();
    await sequencer.submit(signing("b"), options);
    chain.commit();
    expect(chain.intents()).toEqual(["a", "foreign", "b"]);
  });

  test("waits while the mempool is full", async () => {
    const chain = createToyChain({ roomFor: 2 });
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    await chain.blocksUntil(
      Promise.all(names.map(async (name) => (await sequencer.submit(signing(name), options)).included)),
    );
    expect(chain.intents()).toEqual(names);
  });

  test("gives up on a full mempool in time, and says what the matter is", async () => {
    const chain = createToyChain({ roomFor: 0 });
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    await expect(sequencer.submit(signing("a"), { timeoutMs: 20 })).rejects.toMatchObject({ name: "mempoolIsFull" });
  });

  test("sends the same bytes again after a restart has emptied the mempool", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const signed: string[] = [];
    const first = await Promise.all(["a", "b", "c"].map((name) => sequencer.submit(signing(name, signed), options)));
    chain.restart();
    const last = await sequencer.submit(signing("d", signed), options);
    chain.commit();
    await Promise.all([...first, last].map(({ included }) => included));
    expect(chain.intents()).toEqual(["a", "b", "c", "d"]);
    // `d` was tried once at its place; nothing that a node had accepted was signed twice.
    expect(signed.filter((text) => !text.endsWith("d"))).toEqual(["0:a", "1:b", "2:c"]);
  });

  test("without another submission, what a restart lost is sent again by itself", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const sent = await Promise.all(["a", "b"].map((name) => sequencer.submit(signing(name), options)));
    chain.restart();
    await chain.blocksUntil(Promise.all(sent.map(({ included }) => included)));
    expect(chain.intents()).toEqual(["a", "b"]);
  });

  test("tells when another transaction took the sequence for good", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const { included } = await sequencer.submit(signing("a"), options);
    chain.restart();
    chain.foreign();
    chain.commit();
    await expect(included).rejects.toMatchObject({ codespace: "client", name: "superseded" });
    expect(chain.intents()).toEqual(["foreign"]);
  });

  test("the same payment by another program with the same key is another payment", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    chain.twin("0:rent");
    const { sequence } = await sequencer.submit(signing("rent"), options);
    chain.commit();
    expect(sequence).toBe(1n);
    expect(chain.intents()).toEqual(["rent", "rent"]);
  });

  test("bytes that may have arrived before an answer was lost are not taken for another program's", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    chain.faults.push("after");
    const { sequence } = await sequencer.submit(signing("rent"), options);
    chain.commit();
    expect(sequence).toBe(0n);
    expect(chain.intents()).toEqual(["rent"]);
  });

  test("a wallet that declines costs no sequence", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, fast);
    const declined = sequencer.submit(() => Promise.reject(new Error("request rejected")), options);
    const sent = sequencer.submit(signing("b"), options);
    await expect(declined).rejects.toThrow("request rejected");
    expect((await sent).sequence).toBe(0n);
  });

  test("at most inFlightMax are under way", async () => {
    const chain = createToyChain();
    const sequencer = createSequencer(chain.node, chain.inclusion, { ...fast, inFlightMax: 3 });
    const names = ["a", "b", "c", "d", "e"];
    const all = names.map(async (name) => (await sequencer.submit(signing(name), options)).included);
    await sleep(20);
    chain.commit();
    expect(chain.intents()).toHaveLength(3);
    await chain.blocksUntil(Promise.all(all));
    expect(chain.intents()).toEqual(names);
  });

  test("law: whatever fails, an intent enters blocks at most once, and none that succeeded is missing", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant("submit" as const) },
      fc.constantFrom("commit", "restart", "foreign", "before", "after", "rest", "broke"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const chain = createToyChain({ roomFor: 8 });
        const sequencer = createSequencer(chain.node, chain.inclusion, { ...fast, inFlightMax: 10 });
        const outcomes = new Map<string, Promise<boolean>>();
        for (const [i, what] of steps.entries()) {
          if (what === "commit") chain.commit();
          else if (what === "restart") chain.restart();
          else if (what === "foreign") chain.foreign();
          else if (what === "rest") await sleep(1);
          else if (what === "before" || what === "after") chain.faults.push(what);
          else {
            const name = `${what}${i}`;
            if (what === "broke") chain.broke.add(name);
            const outcome = sequencer.submit(signing(name), { timeoutMs: 1_000 }).then(({ included }) => included);
            outcomes.set(
              name,
              outcome.then(
                () => true,
                () => false,
              ),
            );
          }
        }
        await chain.blocksUntil(Promise.all(outcomes.values()));
        const intents = chain.intents().filter((intent) => intent !== "foreign");
        expect(new Set(intents).size).toBe(intents.length);
        for (const [name, outcome] of outcomes) expect([name, intents.includes(name)]).toEqual([name, await outcome]);
      }),
      { numRuns: 60 },
    );
  });
});
