import type { Block, BlockTx, RawEvent } from "./blocks.ts";
import { type ChainEvent, type ChainEventType, parseEvent } from "./events.ts";

/** Where an event stands in the chain. */
export interface Position {
  readonly height: bigint;
  /** Place among all events of the block, from 0. */
  readonly index: number;
}

export interface WatchedEvent<E extends ChainEvent | undefined = ChainEvent | undefined> extends Position {
  /** Of the block. */
  readonly time: Date;
  /** Undefined for what the begin or end of a block brought about. */
  readonly tx: BlockTx | undefined;
  /** As the node told it. */
  readonly raw: RawEvent;
  /** Typed, where the type is known. */
  readonly event: E;
}

export interface WatchOptions<T extends ChainEventType = ChainEventType> {
  /** First height to look at: the next block unless told. */
  readonly fromHeight?: bigint;
  /** Go on behind this event: the position of the last one dealt with. Instead of `fromHeight`. */
  readonly after?: Position;
  /** Last height to look at; without it there is no end. */
  readonly toHeight?: bigint;
  /** Only these types, and typed so. */
  readonly types?: readonly T[];
  readonly signal?: AbortSignal;
  /** Told of failing connections, which are waited out. */
  readonly onFailure?: (error: unknown) => void;
}

const isBeginBlock = (event: RawEvent): boolean =>
  event.attributes.some(({ key, value }) => key === "mode" && value === "BeginBlock");

/** The events of a block in the order in which they happened: begin of block, transactions, end of block. */
export function* eventsOf(block: Block): Generator<WatchedEvent> {
  let index = 0;
  const at = (raw: RawEvent, tx?: BlockTx): WatchedEvent => ({
    height: block.height,
    index: index++,
    time: block.time,
    tx,
    raw,
    event: parseEvent(raw),
  });
  for (const raw of block.events) if (isBeginBlock(raw)) yield at(raw);
  for (const tx of block.txs) for (const raw of tx.events) yield at(raw, tx);
  for (const raw of block.events) if (!isBeginBlock(raw)) yield at(raw);
}

/** The events of these blocks, behind a position and of certain types. */
export async function* watchEvents<T extends ChainEventType>(
  blocks: AsyncIterable<Block>,
  { after, types }: Pick<WatchOptions<T>, "after" | "types">,
): AsyncGenerator<WatchedEvent<Extract<ChainEvent, { readonly type: T }>>, void, void> {
  const wanted = types && new Set<string>(types);
  for await (const block of blocks) {
    for (const event of eventsOf(block)) {
      if (after && event.height === after.height && event.index <= after.index) continue;
      if (wanted && !(event.event && wanted.has(event.event.type))) continue;
      yield event as WatchedEvent<Extract<ChainEvent, { readonly type: T }>>;
    }
  }
}
