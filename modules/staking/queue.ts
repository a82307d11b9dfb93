import type { StateMap } from "../kernel/collections.ts";
import type { Ctx } from "../kernel/context.ts";

/** What is due when: at each time a list, as the SDK's timeslices. */
export interface TimeQueue<E> {
  /** `time` in nanoseconds since 1970. */
  put(ctx: Ctx, time: bigint, entry: E): void;
  /** Takes out what is due, earliest first, at most `limit`. What is left of a list stays where it is. */
  take(ctx: Ctx, limit: number): readonly E[];
}

/** A queue over lists that are stored as `S`. */
export function timeQueue<S, E>(
  slices: StateMap<bigint, S>,
  entriesOf: (slice: S) => readonly E[],
  sliceOf: (entries: readonly E[]) => S,
): TimeQueue<E> {
  return {
    put(ctx, time, entry) {
      const slice = slices.get(ctx, time);
      slices.set(ctx, time, sliceOf([...(slice ? entriesOf(slice) : []), entry]));
    },
    take(ctx, limit) {
      const due: E[] = [];
      const rests: (readonly [time: bigint, rest: readonly E[]])[] = [];
      for (const [time, slice] of slices.entries(ctx, { to: ctx.time })) {
        const entries = entriesOf(slice);
        const taken = entries.slice(0, limit - due.length);
        for (const entry of taken) due.push(entry);
        rests.push([time, entries.slice(taken.length)]);
        if (due.length >= limit) break;
      }
      for (const [time, rest] of rests) {
        if (rest.length === 0) slices.delete(ctx, time);
        else slices.set(ctx, time, sliceOf(rest));
      }
      return due;
    },
  };
}
