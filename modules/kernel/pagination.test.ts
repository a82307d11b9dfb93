import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { concat, fromHex, toHex } from "./bytes.ts";
import type { Slice } from "./collections.ts";
import { paginate, paginateStore } from "./pagination.ts";
import { MemoryStore } from "./stores.ts";

interface Recorded {
  readonly form: "collection" | "store";
  readonly filtered: boolean;
  readonly key: string;
  readonly offset: number;
  readonly limit: number;
  readonly countTotal: boolean;
  readonly reverse: boolean;
  readonly items: readonly number[];
  readonly nextKey: string;
  readonly total: number;
}

/** What Cosmos SDK 0.53.8 answered: `CollectionFilteredPaginate` (`collection`), `Paginate` and `GenericFilteredPaginate` (`store`). */
const recorded = JSON.parse(
  readFileSync(new URL("testdata/sdk-pages.json", import.meta.url), "utf8"),
) as readonly Recorded[];

/** Nine entries with even keys, among others; the filter passes over every third. */
const store = new MemoryStore();
for (const prefix of [6, 7, 8]) {
  for (let i = 0; i < 9; i++) store.set(Uint8Array.of(prefix, 0, 0, 0, 0, 0, 0, 0, 2 * i), Uint8Array.of(i));
}
const slice: Slice<number> = { store, prefix: concat(Uint8Array.of(7)), read: (_, value) => value[0]! };
const passes = (value: number): boolean => value % 3 !== 1;

test.each(recorded.map((page, i) => [i, page.form, page] as const))("page %i in the form of a %s", (_, form, page) => {
  const { filtered, key, offset, limit, countTotal, reverse, items, nextKey, total } = page;
  const request = { key: fromHex(key), offset: BigInt(offset), limit: BigInt(limit), countTotal, reverse };
  const ours = (form === "store" ? paginateStore : paginate)(slice, request, filtered ? passes : undefined);
  expect([ours.items, toHex(ours.pagination.nextKey), ours.pagination.total]).toEqual([items, nextKey, BigInt(total)]);
});
