import { compare, concat, prefixEnd } from "./bytes.ts";
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

export const PAGE_LIMIT_DEFAULT = 100n;
/** More are not given at once, whatever is asked for: the next page is a request away. */
export const PAGE_LIMIT_MAX = 1000n;

const NO_KEY = new Uint8Array(0);

/**
 * One page of a slice, as the SDK's `query.CollectionFilteredPaginate` gives it (SDK 0.53 types/query):
 * `filter` leaves entries out, and only entries that pass fill the page and, after an offset in plain entries, count in the total.
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
  const { key = NO_KEY, offset = 0n, reverse = false } = request ?? {};
  if (offset > 0n && key.length > 0) {
    throw sdkError.invalidRequest("page has both a key and an offset, want either");
  }
  const asked = request?.limit ?? 0n;
  const limit = asked === 0n ? PAGE_LIMIT_DEFAULT : asked < PAGE_LIMIT_MAX ? asked : PAGE_LIMIT_MAX;
  const countTotal = key.length === 0 && (asked === 0n || (request?.countTotal ?? false));

  const items: E[] = [];
  let nextKey = NO_KEY;
  let seen = 0n;
  let count = 0n;
  for (const [full, value] of entriesOf(slice, key, reverse)) {
    if (seen++ < offset) continue;
    const rest = full.subarray(slice.prefix.length);
    if (count >= limit) {
      if (count === limit && nextKey.length === 0) nextKey = rest.slice();
      if (!countTotal) break;
      count++;
      continue;
    }
    const entry = slice.read(rest, value);
    if (filter && !filter(entry)) continue;
    items.push(entry);
    count++;
  }
  const total = countTotal ? count + (seen < offset ? seen : offset) : 0n;
  return { items, pagination: { nextKey, total } };
}

/** The entries from `key` on, which itself is included either way. */
function entriesOf(slice: Slice<unknown>, key: Uint8Array, reverse: boolean) {
  const end = prefixEnd(slice.prefix);
  const at = concat(slice.prefix, key);
  if (key.length === 0) return slice.store.range(slice.prefix, end, reverse);
  if (!reverse) return slice.store.range(at, end, false);
  const past = concat(at, Uint8Array.of(0));
  return slice.store.range(slice.prefix, end === undefined || compare(past, end) < 0 ? past : end, true);
}
