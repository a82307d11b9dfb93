import { fromDigits, quote, WireError } from "./wire.ts";

/** `google.protobuf.Timestamp` and `google.protobuf.Duration`. */
export interface Seconds {
  readonly seconds: bigint;
  readonly nanos: number;
}

const NANOS_PER_SECOND = 1_000_000_000;
const SECONDS_PER_DAY = 86_400;
/** 0001-01-01T00:00:00Z and the second after 9999-12-31T23:59:59Z. */
const FIRST_SECOND = -62_135_596_800n;
const END_SECOND = 253_402_300_800n;
const DAYS_PER_ERA = 146_097;
const DAYS_BEFORE_1970 = 719_468;
/** Go's `time.Duration` holds 64 bits of nanoseconds. */
const DURATION_NANOS_MAX = (1n << 63n) - 1n;

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 to a date. Source: https://howardhinnant.github.io/date_algorithms.html (civil_from_days). */
function civilFromDays(days: number): Civil {
  const shifted = days + DAYS_BEFORE_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** The inverse. Source: the same page (days_from_civil). */
function daysFromCivil({ year, month, day }: Civil): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_1970;
}

const pad = (value: number, length: number): string => String(value).padStart(length, "0");

function dateTime(seconds: bigint): string {
  const days = Number(seconds - modulo(seconds, SECONDS_PER_DAY)) / SECONDS_PER_DAY;
  const rest = Number(modulo(seconds, SECONDS_PER_DAY));
  const { year, month, day } = civilFromDays(days);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map((part) => pad(part, 2)).join(":");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}`;
}

function modulo(value: bigint, by: number): bigint {
  const rest = value % BigInt(by);
  return rest < 0n ? rest + BigInt(by) : rest;
}

/** Throws `WireError` outside the years 1 to 9999 and for nanos that are none. */
export function checkTimestamp({ seconds, nanos }: Seconds): void {
  if (seconds < FIRST_SECOND || seconds >= END_SECOND) throw new WireError(`time is ${seconds} s, want year 1 to 9999`);
  if (nanos < 0 || nanos >= NANOS_PER_SECOND) throw new WireError(`nanos are ${nanos}, want 0 to 999999999`);
}

/** A fraction of a second with its point: as many digits as it needs, in steps of `step`; nothing when it is 0. */
function fractionText(nanos: number, step: number): string {
  if (nanos === 0) return "";
  let digits = pad(nanos, 9);
  const zeros = "0".repeat(step);
  while (digits.endsWith(zeros)) digits = digits.slice(0, -step);
  return `.${digits}`;
}

/** RFC 3339 with 0, 3, 6 or 9 decimals: proto3 JSON. Throws `WireError`. */
export function timestampText(time: Seconds): string {
  checkTimestamp(time);
  return `${dateTime(time.seconds)}${fractionText(time.nanos, 3)}Z`;
}

/** RFC 3339 with as many decimals as it needs: Go's `RFC3339Nano`, which amino JSON uses. Throws `WireError`. */
export function timestampNanoText(time: Seconds): string {
  checkTimestamp(time);
  return `${dateTime(time.seconds)}${fractionText(time.nanos, 1)}Z`;
}

const RFC_3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/** RFC 3339, with any offset. Throws `WireError`. */
export function parseTimestamp(text: string): Seconds {
  const match = text.length > 40 ? null : RFC_3339.exec(text);
  if (match === null) throw new WireError(`time is ${quote(text)}, want RFC 3339`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match;
  const date = { year, month, day };
  const days = daysFromCivil(date);
  const back = civilFromDays(days);
  const exists = back.year === year && back.month === month && back.day === day;
  if (!exists || hour > 23 || minute > 59 || second > 59)
    throw new WireError(`time is ${quote(text)}, want a time that exists`);
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59)
    throw new WireError(`time is ${quote(text)}, want an offset below 24:00`);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60 * (sign === "-" ? -1 : 1);
  const seconds = BigInt(days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset);
  const time = { seconds, nanos: Number(fraction.padEnd(9, "0")) };
  checkTimestamp(time);
  return time;
}

/** Nanoseconds in a duration. Throws `WireError` when they do not fit Go's `time.Duration`. */
export function durationNanos({ seconds, nanos }: Seconds): bigint {
  const total = seconds * BigInt(NANOS_PER_SECOND) + BigInt(nanos);
  const mixed = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0);
  if (mixed || nanos <= -NANOS_PER_SECOND || nanos >= NANOS_PER_SECOND) {
    throw new WireError(`nanos are ${nanos} beside ${seconds} s, want less than a second of the same sign`);
  }
  if (total > DURATION_NANOS_MAX || total < -DURATION_NANOS_MAX)
    throw new WireError(`duration is ${seconds} s, want 292 years at most`);
  return total;
}

/** `5s`, `1.500s`: proto3 JSON. Throws `WireError`. */
export function durationText(duration: Seconds): string {
  const total = durationNanos(duration);
  const size = total < 0n ? -total : total;
  const whole = size / BigInt(NANOS_PER_SECOND);
  const fraction = fractionText(Number(size % BigInt(NANOS_PER_SECOND)), 3);
  return `${total < 0n ? "-" : ""}${whole}${fraction}s`;
}

const UNIT_NANOS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const DURATION = /^-?(?:[0-9]{1,19}(?:\.[0-9]{1,9})?(?:ns|us|µs|μs|ms|s|m|h))+$/;
const DURATION_PART = /([0-9]+)(?:\.([0-9]+))?(ns|us|µs|μs|ms|s|m|h)/g;

/** A length of time as Go's `time.Duration` writes it: `1h0m0s`, `1.5s`, `20ms`. */
export function goDuration(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  if (nanos < 0n) return `-${goDuration(-nanos)}`;
  const small = SMALL_UNITS.find(([size]) => nanos < size * 1000n);
  if (small) return `${fraction(nanos, small[0])}${small[1]}`;
  const minutes = nanos / (60n * SECOND);
  const seconds = `${fraction(nanos % (60n * SECOND), SECOND)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

const SECOND = 1_000_000_000n;
const SMALL_UNITS: readonly (readonly [size: bigint, name: string])[] = [
  [1n, "ns"],
  [1000n, "µs"],
  [1_000_000n, "ms"],
];

/** `total / size` as a decimal without zeros at its end. `size` is a power of ten. */
function fraction(total: bigint, size: bigint): string {
  const rest = total % size;
  const digits =
    rest === 0n
      ? ""
      : `.${rest
          .toString()
          .padStart(size.toString().length - 1, "0")
          .replace(/0+$/, "")}`;
  return `${total / size}${digits}`;
}

/** `5s`, and Go's other forms such as `1h30m` and `300ms`. Throws `WireError`. */
export function parseDuration(text: string): Seconds {
  if (text === "0") return { seconds: 0n, nanos: 0 };
  if (text.length > 64 || !DURATION.test(text)) throw new WireError(`duration is ${quote(text)}, want such as 5s`);
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(DURATION_PART)) {
    const nanos = UNIT_NANOS.get(unit) as bigint;
    total += fromDigits(whole) * nanos + (fromDigits(fraction.padEnd(9, "0")) * nanos) / BigInt(NANOS_PER_SECOND);
  }
  return nanosToDuration(text.startsWith("-") ? -total : total);
}

/** The inverse of `durationNanos`. Throws `WireError`. */
export function nanosToDuration(total: bigint): Seconds {
  if (total > DURATION_NANOS_MAX || total < -DURATION_NANOS_MAX)
    throw new WireError(`duration is ${total} ns, want 292 years at most`);
  const perSecond = BigInt(NANOS_PER_SECOND);
  return { seconds: total / perSecond, nanos: Number(total % perSecond) };
}
