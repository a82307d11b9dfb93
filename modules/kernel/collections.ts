/**
 * Typed views on a module's store. A module declares all of its collections in one place:
 *
 *     export const state = defineState("agreements", (store) => ({
 *       nextId: store.sequence(0x00),
 *       agreements: store.indexedMap(0x01, u64, Agreement, { deadline: index(0x03, u64, (a) => [a.deadlineHeight]) }),
 *     }));
 */
import type { MessageType } from "@interfirm/proto/types";
import { compare, concat, equal, prefixEnd, startsWith, toHex, toUtf8 } from "./bytes.ts";
import type { Ctx, QueryCtx } from "./context.ts";
import { decodeKey, type KeyCodec, type KeyCtx, type KeyPrefix, type TupleCodec } from "./keys.ts";
import type { ReadStore } from "./store.ts";
import { marker, message, nothing, u64Value, type ValueCodec } from "./values.ts";

/** One byte, or the UTF-8 of a text (as some stores of the SDK have it). */
export type Prefix = number | string;

/** A message type, or a codec from `values.ts`. */
export type Value<V> = MessageType<V> | ValueCodec<V>;

const codecOf = <V>(value: Value<V>): ValueCodec<V> => ("typeUrl" in value ? message(value) : value);
const bytesOf = (prefix: Prefix): Uint8Array => (typeof prefix === "number" ? Uint8Array.of(prefix) : toUtf8(prefix));

/** A part of a store that a codec reads: what `paginate` walks. */
export interface Slice<E> {
  readonly store: ReadStore;
  /** Keys of the slice start with it; page keys come without it. */
  readonly prefix: Uint8Array;
  /** `rest` is the key without the prefix. */
  read(rest: Uint8Array, value: Uint8Array): E;
}

/** Which keys, and how many. Bounds are inclusive; of a composed key, `prefix` fixes the first parts. */
export interface RangeOptions<K> {
  readonly from?: K | undefined;
  readonly to?: K | undefined;
  readonly prefix?: KeyPrefix<K> | undefined;
  /** Greatest first parts of a composed key, inclusive: for queues that are ordered by time. */
  readonly toPrefix?: KeyPrefix<K> | undefined;
  readonly reverse?: boolean | undefined;
  /** Entries at most. Whoever reads state in consensus gives one, or says what else bounds it. */
  readonly limit?: number | undefined;
}

/** What lies behind a prefix, in tables of the layout. */
interface Row {
  readonly part: string;
  readonly prefix: Uint8Array;
  readonly key: string;
  readonly value: string;
}

interface Collection {
  readonly rows: readonly Row[];
}

/** One value. */
export class Item<V> implements Collection {
  readonly rows: readonly Row[];
  readonly #storeKey: string;
  readonly #key: Uint8Array;
  readonly #value: ValueCodec<V>;

  constructor(storeKey: string, prefix: Prefix, value: Value<V>) {
    this.#storeKey = storeKey;
    this.#key = bytesOf(prefix);
    this.#value = codecOf(value);
    this.rows = [{ part: "", prefix: this.#key, key: "", value: this.#value.form }];
  }

  get(ctx: QueryCtx): V | undefined {
    const bytes = ctx.store(this.#storeKey).get(this.#key);
    return bytes && this.#value.decode(bytes);
  }

  set(ctx: Ctx, value: V): void {
    ctx.store(this.#storeKey).set(this.#key, this.#value.encode(value));
  }

  delete(ctx: Ctx): void {
    ctx.store(this.#storeKey).delete(this.#key);
  }
}

/** Numbers given out one after the other. */
export class Sequence implements Collection {
  readonly rows: readonly Row[];
  readonly #item: Item<bigint>;
  readonly #first: bigint;

  constructor(storeKey: string, prefix: Prefix, first: bigint) {
    this.#item = new Item(storeKey, prefix, u64Value);
    this.#first = first;
    this.rows = this.#item.rows;
  }

  /** The number that `next` will return. */
  peek(ctx: QueryCtx): bigint {
    return this.#item.get(ctx) ?? this.#first;
  }

  set(ctx: Ctx, number: bigint): void {
    this.#item.set(ctx, number);
  }

  next(ctx: Ctx): bigint {
    const number = this.peek(ctx);
    this.#item.set(ctx, number + 1n);
    return number;
  }
}

/** Keys to values, in key order. */
export class StateMap<K, V> implements Collection {
  readonly rows: readonly Row[];
  protected readonly storeKey: string;
  protected readonly prefix: Uint8Array;
  protected readonly key: KeyCodec<K>;
  protected readonly value: ValueCodec<V>;

  constructor(storeKey: string, prefix: Prefix, key: KeyCodec<K>, value: Value<V>) {
    this.storeKey = storeKey;
    this.prefix = bytesOf(prefix);
    this.key = key;
    this.value = codecOf(value);
    this.rows = [{ part: "", prefix: this.prefix, key: key.form, value: this.value.form }];
  }

  get(ctx: QueryCtx, key: K): V | undefined {
    const bytes = ctx.store(this.storeKey).get(this.#keyBytes(key, ctx));
    return bytes && this.value.decode(bytes);
  }

  has(ctx: QueryCtx, key: K): boolean {
    return ctx.store(this.storeKey).has(this.#keyBytes(key, ctx));
  }

  set(ctx: Ctx, key: K, value: V): void {
    ctx.store(this.storeKey).set(this.#keyBytes(key, ctx), this.value.encode(value));
  }

  delete(ctx: Ctx, key: K): void {
    ctx.store(this.storeKey).delete(this.#keyBytes(key, ctx));
  }

  /** Entries in key order. The store must not be written meanwhile: collect first. */
  *entries(ctx: QueryCtx, options: RangeOptions<K> = {}): Generator<readonly [key: K, value: V]> {
    for (const [rest, value] of scan(ctx.store(this.storeKey), this.prefix, this.key, options, ctx)) {
      yield [decodeKey(this.key, rest, ctx), this.value.decode(value)];
    }
  }

  *keys(ctx: QueryCtx, options: RangeOptions<K> = {}): Generator<K> {
    for (const [rest] of scan(ctx.store(this.storeKey), this.prefix, this.key, options, ctx)) {
      yield decodeKey(this.key, rest, ctx);
    }
  }

  *values(ctx: QueryCtx, options: RangeOptions<K> = {}): Generator<V> {
    for (const [, value] of scan(ctx.store(this.storeKey), this.prefix, this.key, options, ctx)) {
      yield this.value.decode(value);
    }
  }

  /** All entries, or those whose key starts with `parts`: for `paginate`. */
  slice(ctx: QueryCtx, parts?: KeyPrefix<K>): Slice<readonly [key: K, value: V]> {
    const fixed = parts === undefined ? new Uint8Array(0) : encodePrefix(this.key, parts, ctx);
    return {
      store: ctx.store(this.storeKey),
      prefix: concat(this.prefix, fixed),
      read: (rest, value) => [decodeKey(this.key, concat(fixed, rest), ctx), this.value.decode(value)],
    };
  }

  #keyBytes(key: K, ctx: KeyCtx): Uint8Array {
    return concat(this.prefix, this.key.encode(key, ctx));
  }
}

/** Keys without values. */
export class KeySet<K> implements Collection {
  readonly rows: readonly Row[];
  readonly #map: StateMap<K, undefined>;

  constructor(storeKey: string, prefix: Prefix, key: KeyCodec<K>) {
    this.#map = new StateMap(storeKey, prefix, key, nothing);
    this.rows = this.#map.rows;
  }

  has(ctx: QueryCtx, key: K): boolean {
    return this.#map.has(ctx, key);
  }

  add(ctx: Ctx, key: K): void {
    this.#map.set(ctx, key, undefined);
  }

  delete(ctx: Ctx, key: K): void {
    this.#map.delete(ctx, key);
  }

  /** In key order. The store must not be written meanwhile: collect first. */
  keys(ctx: QueryCtx, options: RangeOptions<K> = {}): Generator<K> {
    return this.#map.keys(ctx, options);
  }

  /** For `paginate`. */
  slice(ctx: QueryCtx, parts?: KeyPrefix<K>): Slice<K> {
    const slice = this.#map.slice(ctx, parts);
    return { ...slice, read: (rest, value) => slice.read(rest, value)[0] };
  }
}

/** Declares an index: the index keys of an entry. None, one or many; none means "not in this index". */
export interface IndexSpec<I, K, V> {
  readonly prefix: Prefix;
  readonly codec: KeyCodec<I>;
  keysOf(value: V, key: K): readonly I[];
}

export const index = <I, V, K = unknown>(
  prefix: Prefix,
  codec: KeyCodec<I>,
  keysOf: (value: V, key: K) => readonly I[],
): IndexSpec<I, K, V> => ({ prefix, codec, keysOf });

// biome-ignore lint/suspicious/noExplicitAny: index keys differ in type from one index to the next
type Specs<K, V> = Readonly<Record<string, IndexSpec<any, K, V>>>;
type IndexKey<S> = S extends IndexSpec<infer I, never, never> ? I : never;

/** Read side of an index. Its entries are `prefix | index key | primary key → ∅`. */
export class Index<I, K> {
  readonly #storeKey: string;
  readonly #prefix: Uint8Array;
  readonly #codec: KeyCodec<I>;
  readonly #primary: KeyCodec<K>;

  constructor(storeKey: string, prefix: Uint8Array, codec: KeyCodec<I>, primary: KeyCodec<K>) {
    if (codec.last) throw new Error(`index key ${codec.form} is followed by the primary key, want one that may be`);
    this.#storeKey = storeKey;
    this.#prefix = prefix;
    this.#codec = codec;
    this.#primary = primary;
  }

  /** Index and primary keys whose index key lies in the range, ordered by index key, then primary key. */
  *entries(ctx: QueryCtx, options: RangeOptions<I> = {}): Generator<readonly [indexKey: I, key: K]> {
    for (const [rest] of scan(ctx.store(this.#storeKey), this.#prefix, this.#codec, options, ctx)) {
      const [indexKey, end] = this.#codec.read(rest, 0, ctx);
      yield [indexKey, decodeKey(this.#primary, rest.subarray(end), ctx)];
    }
  }

  /** Primary keys whose index key lies in the range. A key comes once for each of its index keys there. */
  *keys(ctx: QueryCtx, options: RangeOptions<I> = {}): Generator<K> {
    for (const [, key] of this.entries(ctx, options)) yield key;
  }

  /** Primary keys of one index key: for `paginate`. */
  slice(ctx: QueryCtx, indexKey: I): Slice<K> {
    return {
      store: ctx.store(this.#storeKey),
      prefix: concat(this.#prefix, this.#codec.encode(indexKey, ctx)),
      read: (rest) => decodeKey(this.#primary, rest, ctx),
    };
  }
}

interface Writer {
  readonly prefix: Uint8Array;
  // biome-ignore lint/suspicious/noExplicitAny: index keys differ in type from one index to the next
  readonly spec: IndexSpec<any, any, any>;
}

/** A map whose indexes follow its values. Setting a value touches only the index entries that change. */
export class IndexedMap<K, V, S extends Specs<K, V>> extends StateMap<K, V> {
  override readonly rows: readonly Row[];
  readonly by: { readonly [N in keyof S]: Index<IndexKey<S[N]>, K> };
  readonly #writers: readonly Writer[];

  constructor(storeKey: string, prefix: Prefix, key: KeyCodec<K>, value: Value<V>, specs: S) {
    super(storeKey, prefix, key, value);
    // biome-ignore lint/plugin: a table in code; the order of its properties is that of the source
    const named = Object.entries(specs).map(([name, spec]) => ({ name, spec, prefix: bytesOf(spec.prefix) }));
    this.#writers = named;
    this.by = Object.fromEntries(
      named.map(({ name, spec, prefix }) => [name, new Index(storeKey, prefix, spec.codec, key)]),
    ) as never;
    const indexRow = ({ name, spec, prefix }: (typeof named)[number]): Row => ({
      part: `.by.${name}`,
      prefix,
      key: `${spec.codec.form} | ${key.form}`,
      value: marker.form,
    });
    this.rows = [{ part: "", prefix: this.prefix, key: key.form, value: this.value.form }, ...named.map(indexRow)];
  }

  override set(ctx: Ctx, key: K, value: V): void {
    this.#reindex(ctx, key, this.get(ctx, key), value);
    super.set(ctx, key, value);
  }

  override delete(ctx: Ctx, key: K): void {
    const old = this.get(ctx, key);
    if (old === undefined) return;
    this.#reindex(ctx, key, old, undefined);
    super.delete(ctx, key);
  }

  #reindex(ctx: Ctx, key: K, old: V | undefined, value: V | undefined): void {
    const store = ctx.store(this.storeKey);
    const primary = this.key.encode(key, ctx);
    for (const { prefix, spec } of this.#writers) {
      const entriesOf = (v: V | undefined): readonly Uint8Array[] =>
        v === undefined ? [] : spec.keysOf(v, key).map((k) => concat(prefix, spec.codec.encode(k, ctx), primary));
      const before = entriesOf(old);
      const after = entriesOf(value);
      for (const entry of before) if (!after.some((kept) => equal(kept, entry))) store.delete(entry);
      for (const entry of after) {
        if (!before.some((kept) => equal(kept, entry))) store.set(entry, marker.encode(undefined));
      }
    }
  }
}

function encodePrefix<K>(codec: KeyCodec<K>, parts: KeyPrefix<K>, ctx: KeyCtx): Uint8Array {
  if (!("encodePrefix" in codec)) throw new Error(`key ${codec.form} is not composed, want no prefix`);
  return (codec as KeyCodec<K> & TupleCodec<readonly unknown[]>).encodePrefix(parts as readonly unknown[], ctx);
}

/** Keys without `prefix`, and values, of a range of keys that `codec` writes first. */
function* scan<K>(
  store: ReadStore,
  prefix: Uint8Array,
  codec: KeyCodec<K>,
  options: RangeOptions<K>,
  ctx: KeyCtx,
): Generator<readonly [rest: Uint8Array, value: Uint8Array]> {
  const fixed =
    options.prefix === undefined ? prefix : concat(prefix, encodePrefix(codec, options.prefix as KeyPrefix<K>, ctx));
  let from: Uint8Array = fixed;
  let to = prefixEnd(fixed);
  if (options.from !== undefined) {
    const start = concat(prefix, codec.encode(options.from, ctx));
    if (compare(start, from) > 0) from = start;
  }
  if (options.to !== undefined) {
    const last = concat(prefix, codec.encode(options.to, ctx));
    // Index keys are followed by more; keys that fit only last end here.
    const end = codec.last ? concat(last, Uint8Array.of(0)) : prefixEnd(last);
    if (end !== undefined && (to === undefined || compare(end, to) < 0)) to = end;
  }
  if (options.toPrefix !== undefined) {
    const end = prefixEnd(concat(prefix, encodePrefix(codec, options.toPrefix, ctx)));
    if (end !== undefined && (to === undefined || compare(end, to) < 0)) to = end;
  }
  if (to !== undefined && compare(from, to) >= 0) return;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for (const [key, value] of store.range(from, to, options.reverse ?? false)) {
    yield [key.subarray(prefix.length), value];
    if (--left <= 0) return;
  }
}

/** Declares collections of one store. */
export class Declaration {
  readonly #storeKey: string;

  constructor(storeKey: string) {
    this.#storeKey = storeKey;
  }

  item<V>(prefix: Prefix, value: Value<V>): Item<V> {
    return new Item(this.#storeKey, prefix, value);
  }

  /** Numbers from `first` on. */
  sequence(prefix: Prefix, first = 1n): Sequence {
    return new Sequence(this.#storeKey, prefix, first);
  }

  map<K, V>(prefix: Prefix, key: KeyCodec<K>, value: Value<V>): StateMap<K, V> {
    return new StateMap(this.#storeKey, prefix, key, value);
  }

  keySet<K>(prefix: Prefix, key: KeyCodec<K>): KeySet<K> {
    return new KeySet(this.#storeKey, prefix, key);
  }

  indexedMap<K, V, S extends Specs<K, V>>(
    prefix: Prefix,
    key: KeyCodec<K>,
    value: Value<V>,
    indexes: S,
  ): IndexedMap<K, V, S> {
    return new IndexedMap(this.#storeKey, prefix, key, value, indexes);
  }
}

/** One line of a store's layout. */
export interface LayoutRow {
  /** Property of the state, `agreements.by.deadline` for an index. */
  readonly name: string;
  /** `0x01` */
  readonly prefix: string;
  /** Parts of the key after the prefix, empty for a single value. */
  readonly key: string;
  readonly value: string;
}

const layouts = new WeakMap<object, readonly LayoutRow[]>();

/**
 * The whole state of a module. Prefixes are consensus: never reused, never renumbered.
 * Throws a plain Error when one prefix is the start of another: their keys could collide.
 */
export function defineState<S extends Readonly<Record<string, Collection>>>(
  storeKey: string,
  declare: (store: Declaration) => S,
): S {
  const state = declare(new Declaration(storeKey));
  // biome-ignore lint/plugin: a table in code; the order of its properties is that of the source
  const rows = Object.entries(state).flatMap(([name, { rows }]) =>
    rows.map((row) => ({ ...row, name: name + row.part })),
  );
  for (const [i, a] of rows.entries()) {
    for (const b of rows.slice(i + 1)) {
      if (!startsWith(a.prefix, b.prefix) && !startsWith(b.prefix, a.prefix)) continue;
      throw new Error(
        `${storeKey}: prefixes of ${a.name} (${toHex(a.prefix)}) and ${b.name} (${toHex(b.prefix)}) overlap`,
      );
    }
  }
  layouts.set(
    state,
    rows.map(({ name, prefix, key, value }) => ({ name, prefix: `0x${toHex(prefix)}`, key, value })),
  );
  return state;
}

/** The layout of a module's store: for the table of its README. */
export function layoutOf(state: object): readonly LayoutRow[] {
  const layout = layouts.get(state);
  if (!layout) throw new Error("no such state: want what defineState returned");
  return layout;
}
