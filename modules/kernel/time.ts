/** Time as nanoseconds since 1970 in a `bigint`, and its two other forms. No `Date`: the same on every machine. */
import { quote } from "./bytes.ts";
import { sdkError } from "./sdk-errors.ts";

export const NS_PER_SECOND = 1_000_000_000n;

/** Same shape as `google.protobuf.Timestamp` and `Duration`. `nanos` has the sign of `seconds` in a duration, none in a timestamp. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 and protobuf can write. */
const SECONDS_MIN = -62_135_596_800n;
const SECONDS_MAX = 253_402_300_799n;

export function nsToTimestamp(ns: bigint): Timestamp {
  const nanos = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: (ns - nanos) / NS_PER_SECOND, nanos: Number(nanos) };
}

/** Throws `sdk/18` outside the years 1 to 9999 or for nanos outside 0 to 999,999,999. */
export function timestampToNs({ seconds, nanos }: Timestamp): bigint {
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
    throw sdkError.invalidRequest(`time is ${seconds} s since 1970, want the years 1 to 9999`);
  }
  if (!Number.isInteger(nanos) || nanos < 0 || nanos > 999_999_999) {
    throw sdkError.invalidRequest(`nanos are ${nanos}, want 0 to 999999999`);
  }
  return seconds * NS_PER_SECOND + BigInt(nanos);
}

/** Days since 1970 of a date of the proleptic Gregorian calendar. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

const pad = (value: number, width: number): string => value.toString().padStart(width, "0");

/** `2026-11-24T11:00:00.5Z` as protobuf's JSON writes it: 0, 3, 6 or 9 digits after the point. Throws `sdk/18` outside the years 1 to 9999. */
export function nsToRfc3339(ns: bigint): string {
  const { seconds, nanos } = nsToTimestamp(ns);
  timestampToNs({ seconds, nanos });
  const total = Number(seconds);
  const days = Math.floor(total / 86_400);
  const second = total - days * 86_400;
  const { year, month, day } = civilFromDays(days);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const time = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  const digits = nanos === 0 ? 0 : nanos % 1_000_000 === 0 ? 3 : nanos % 1000 === 0 ? 6 : 9;
  const fraction = digits === 0 ? "" : `.${pad(nanos, 9).slice(0, digits)}`;
  return `${date}T${time}${fraction}Z`;
}

const SHAPE =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})$/;

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** Reads RFC 3339 with `Z` or an offset, at most 9 digits after the point, no leap second. Throws `sdk/18`. */
export function rfc3339ToNs(text: string): bigint {
  const parts = text.length <= 40 ? SHAPE.exec(text) : null;
  const [year, month, day, hour, minute, second] = parts ? parts.slice(1, 7).map(Number) : [];
  const zone = parts?.[8] ?? "Z";
  const offset = zone === "Z" ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  const sound =
    parts !== null &&
    year! >= 1 &&
    month! >= 1 &&
    month! <= 12 &&
    day! >= 1 &&
    day! <= daysIn(year!, month!) &&
    hour! <= 23 &&
    minute! <= 59 &&
    second! <= 59 &&
    offset < 24 * 60 &&
    Number(zone.slice(4, 6)) < 60;
  if (!sound) throw sdkError.invalidRequest(`time is ${quote(text)}, want RFC 3339 such as 2026-11-24T11:00:00Z`);
  const local = daysFromCivil(year!, month!, day!) * 86_400 + hour! * 3600 + minute! * 60 + second!;
  const seconds = BigInt(local - (zone.startsWith("-") ? -offset : offset) * 60);
  return timestampToNs({ seconds, nanos: Number((parts[7] ?? "").padEnd(9, "0")) });
}
