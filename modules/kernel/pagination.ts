import { concat, prefixEnd } from "./bytes.ts";
import type { Slice } from "./collections.ts";
import { sdkError } from "./sdk-errors.ts";

/** Same shape as `cosmos.base.query.v1beta1.PageRequest`. */
export interface PageRequest {
  /** `nextKey` of the page before. Either this or `offset`. */
  readonly key: Uint8Array;
  readonly offset: bigint;
  /** Entries a page; 0 stands for 100 and counts the total too. */
  readonly limit: bigint;
  readonly countTotal: boolean;
  readonly reverse: boolean;
}

/** Same shape as `cosmos.base.query.v1beta1.PageResponse`. */
export interface PageResponse {
  /** Empty on the last page. */
  readonly nextKey: Uint8Array;
  /** All entries there are, when they were counted. */
  readonly total: bigint;
}

export interface Page<E> {
  readonly items: readonly E[];
  readonly pagination: PageResponse;
}

const PAGE_LIMIT_DEFAULT = 100n;
/** More are not given at once, whatever is asked for: the next page is a request away. */
export const PAGE_LIMIT_MAX = 1000n;

const NO_KEY = new Uint8Array(0);

/** A request with its defaults filled in. */
interface Wanted {
  readonly key: Uint8Array;
  readonly offset: bigint;
  readonly limit: bigint;
  readonly countTotal: boolean;
  readonly reverse: boolean;
}

/** Throws `sdk/18` when both `key` and `offset` are given. */
function wanted(request: PageRequest | undefined): Wanted {
  const { key = NO_KEY, offset = 0n, limit: asked = 0n, reverse = false } = request ?? {};
  if (offset > 0n && key.length > 0) {
    throw sdkError.invalidRequest("invalid request, either offset or key is expected, got both");
  }
  const limit = asked === 0n ? PAGE_LIMIT_DEFAULT : asked < PAGE_LIMIT_MAX ? asked : PAGE_LIMIT_MAX;
  const countTotal = key.length === 0 && (asked === 0n || (request?.countTotal ?? false));
  return { key, offset, limit, countTotal, reverse };
}

/**
 * One page of a slice, as the SDK's `query.CollectionFilteredPaginate` gives it (SDK 0.53 types/query): only entries that pass
 * `filter` fill the page and count in the total, but an offset is one in plain entries, and one past the end gives nothing.
 * Throws `sdk/18` when both `key` and `offset` are given.
 *
 * Cost: the entries skipped and given; all entries of the slice when the total is counted or the filter refuses many.
 * What bounds it is the gas of the query.
 */
export function paginate<E>(
  slice: Slice<E>,
  request: PageRequest | undefined,
  filter?: (entry: E) => boolean,
): Page<E> {
  const { key, offset, limit, countTotal, reverse } = wanted(request);
  const items: E[] = [];
  let nextKey = NO_KEY;
  let seen = 0n;
  let count = 0n;
  for (const [full, value] of entriesOf(slice, key, reverse)) {
    if (seen++ < offset) continue;
    const rest = full.subarray(slice.prefix.length);
    if (key.length > 0) {
      const entry = slice.read(rest, value);
      if (filter && !filter(entry)) continue;
      if (count === limit) {
        nextKey = rest.slice();
        break;
      }
      items.push(entry);
    } else {
      // Without a filter's consent: the SDK does not ask it for the key of the next page.
      if (count === limit) nextKey = rest.slice();
      if (count >= limit && !countTotal) break;
      if (filter || count < limit) {
        const entry = slice.read(rest, value);
        if (filter && !filter(entry)) continue;
        if (count < limit) items.push(entry);
      }
    }
    count++;
  }
  const total = countTotal && seen >= offset ? count + offset : 0n;
  return { items, pagination: { nextKey, total } };
}

/**
 * One page of a slice, as the SDK's older `query.Paginate` and `query.GenericFilteredPaginate` give it: the offset, too, is one
 * in entries that pass `filter`. For the queries that use these there; errors and cost are those of `paginate`.
 */
export function paginateStore<E>(
  slice: Slice<E>,
  request: PageRequest | undefined,
  filter?: (entry: E) => boolean,
): Page<E> {
  const { key, offset, limit, countTotal, reverse } = wanted(request);
  const items: E[] = [];
  let nextKey = NO_KEY;
  let hits = 0n;
  for (const [full, value] of storeEntriesOf(slice, key, reverse)) {
    const rest = full.subarray(slice.prefix.length);
    if (key.length > 0 && hits === limit) {
      nextKey = rest.slice();
      break;
    }
    const isGiven = hits >= offset && hits < offset + limit;
    if (filter || isGiven) {
      const entry = slice.read(rest, value);
      if (filter && !filter(entry)) continue;
      if (isGiven) items.push(entry);
    }
    hits++;
    if (key.length === 0 && hits === offset + limit + 1n) {
      nextKey = rest.slice();
      if (!countTotal) break;
    }
  }
  return { items, pagination: { nextKey, total: countTotal ? hits : 0n } };
}

/** The entries from `key` on, or in reverse from the last one that begins with it. */
function entriesOf({ store, prefix }: Slice<unknown>, key: Uint8Array, reverse: boolean) {
  const at = concat(prefix, key);
  return reverse ? store.range(prefix, prefixEnd(at), true) : store.range(at, prefixEnd(prefix), false);
}

/** The entries from `key` on, or in reverse from the first one that is not before it. */
function storeEntriesOf({ store, prefix }: Slice<unknown>, key: Uint8Array, reverse: boolean) {
  const at = concat(prefix, key);
  const end = prefixEnd(prefix);
  if (!reverse) return store.range(at, end, false);
  if (key.length === 0) return store.range(prefix, end, true);
  let past = end;
  let seen = 0;
  for (const [following] of store.range(at, end, false)) {
    if (++seen < 2) continue;
    past = following;
    break;
  }
  return store.range(prefix, past, true);
}
