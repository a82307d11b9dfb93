import type { AnyMessageType, Registry } from "./registry.ts";
import { checkTimestamp, durationNanos, type Seconds } from "./time.ts";
import type { Field } from "./types.ts";
import { quote, WireError } from "./wire.ts";

/** Messages inside one another, an Any and the message in it counted as two. */
export const DEPTH_MAX = 64;
/** Anys inside one another (SDK `MaxUnpackAnyRecursionDepth`). */
const ANY_DEPTH_MAX = 10;
/** Anys inside one Any of the outermost message, itself included (SDK `MaxUnpackAnySubCalls`). */
const ANY_COUNT_MAX = 100;
/** Unknown fields whose number has this bit may be passed over (ADR-020). */
const NON_CRITICAL_BIT = 1 << 10;
const TWO_32 = 0x1_0000_0000;

export interface CheckOptions {
  /** Messages in Anys are checked too, and must be of a registered type. Without it Anys stay closed. */
  readonly registry?: Registry;
  /** Accept unknown fields of numbers 1024 to 2047, 3072 to 4095, …: for the transaction body. */
  readonly allowNonCritical?: boolean;
  /** Accept only the one encoding of ADR-027: ascending fields, shortest varints, no defaults. For TxRaw. */
  readonly canonical?: boolean;
}

export interface CheckResult {
  /** Non-critical unknown fields were passed over. Such a body must not be signed as amino JSON, which omits them. */
  readonly hasNonCritical: boolean;
}

/** What is known of a field when bytes are checked. */
interface Slot {
  readonly field: Field;
  readonly wire: number;
  /** A repeated number: also valid as wire type 2. */
  readonly packable: boolean;
  /** Has a default that the canonical form leaves out, and only one value. */
  readonly plain: boolean;
  /** A decimal, which is never without digits. */
  readonly decimal: boolean;
  readonly message: AnyMessageType | undefined;
}

interface Shape {
  readonly slots: ReadonlyMap<number, Slot>;
  /** Numbers of the fields that must be there. */
  readonly needed: readonly number[];
}

/** Bounded by the number of types in the program. */
const shapes = new Map<AnyMessageType, Shape>();

function shapeOf(type: AnyMessageType): Shape {
  let shape = shapes.get(type);
  if (shape === undefined) {
    shape = {
      slots: new Map(type.fields.map((field) => [field.no, slotOf(field)])),
      needed: type.fields.filter(isNeeded).map(({ no }) => no),
    };
    shapes.set(type, shape);
  }
  return shape;
}

/**
 * Every encoder of the SDK writes a decimal, 0 too. One that is missing is nil there, which no handler takes; here it would
 * read as 0, so that an update of parameters that leaves out a slash fraction would turn slashing off.
 */
function isNeeded({ cosmos, optional, repeated, required, message }: Field): boolean {
  if (repeated) return false;
  if (message) return required && shapeOf(message()).needed.length > 0;
  return cosmos === "cosmos.Dec" && optional !== true;
}

function slotOf(field: Field): Slot {
  const wire = wireTypeOf(field);
  return {
    field,
    wire,
    packable: field.repeated && wire !== 2,
    plain: !field.repeated && field.kind !== "message" && field.oneof === undefined && field.optional !== true,
    decimal: field.cosmos === "cosmos.Dec",
    message: field.message?.(),
  };
}

function wireTypeOf(field: Field): number {
  switch (field.scalar) {
    case "fixed64":
    case "sfixed64":
      return 1;
    case "fixed32":
    case "sfixed32":
      return 5;
    case "string":
    case "bytes":
      return 2;
    default:
      return field.kind === "message" ? 2 : 0;
  }
}

/** A message on the way, as offsets into the bytes. */
interface Frame {
  readonly type: AnyMessageType;
  readonly shape: Shape;
  readonly start: number;
  readonly end: number;
  /** Where to go on afterwards: `end`, but for the message in an Any. */
  readonly resume: number;
  /** Anys around this message. */
  readonly anyDepth: number;
  /** Numbers of the needed fields that have come. */
  readonly seen: Set<number> | undefined;
  previous: number;
  /** Of an Any: where its fields lie. */
  urlStart: number;
  urlEnd: number;
  valueStart: number;
  valueEnd: number;
}

const ANY = "google.protobuf.Any";

/** Messages that every field holds as a time of Go's (`gogoproto.stdtime`, `gogoproto.stdduration`): decoding them there refuses what is none. */
const TIMES: ReadonlyMap<string, (value: Seconds) => unknown> = new Map([
  ["google.protobuf.Timestamp", checkTimestamp],
  ["google.protobuf.Duration", durationNanos],
]);
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Checks untrusted bytes before the generated decoder sees them, as the SDK's `RejectUnknownFields` does
 * (codec/unknownproto, ADR-020): no unknown fields, no wrong wire types, no groups, nothing cut off. Uses a stack of its
 * own with a fixed limit, so that the verdict cannot depend on the engine's stack. Times and durations are what they say,
 * as gogoproto's decoders see to, and decimals are there. Cost: linear in the bytes.
 *
 * Throws `WireError`.
 */
export function checkWire(type: AnyMessageType, bytes: Uint8Array, options: CheckOptions = {}): CheckResult {
  return new Check(bytes, options).run(type);
}

const nameOf = ({ type, shape }: Frame, no: number): string =>
  `${type.typeName}.${shape.slots.get(no)?.field.protoName ?? no}`;

function complete(frame: Frame, seen: ReadonlySet<number>): void {
  const missing = frame.shape.needed.find((no) => !seen.has(no));
  if (missing !== undefined) throw new WireError(`${nameOf(frame, missing)} is missing, want a value`);
}

class Check {
  readonly #bytes: Uint8Array;
  readonly #options: CheckOptions;
  readonly #stack: Frame[] = [];
  #pos = 0;
  /** Anys opened inside the current outermost one. */
  #anyCount = 0;
  #hasNonCritical = false;

  constructor(bytes: Uint8Array, options: CheckOptions) {
    this.#bytes = bytes;
    this.#options = options;
  }

  run(type: AnyMessageType): CheckResult {
    this.#push(type, 0, this.#bytes.length, this.#bytes.length, 0);
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (this.#pos < frame.end) this.#field(frame);
      else {
        this.#stack.pop();
        if (frame.seen) complete(frame, frame.seen);
        this.#pos = frame.resume;
        if (frame.type.typeName === ANY && this.#options.registry) this.#open(frame, this.#options.registry);
        const check = TIMES.get(frame.type.typeName);
        if (check) check(frame.type.decode(this.#bytes.subarray(frame.start, frame.end)) as Seconds);
      }
    }
    return { hasNonCritical: this.#hasNonCritical };
  }

  #push(type: AnyMessageType, start: number, end: number, resume: number, anyDepth: number): void {
    if (this.#stack.length >= DEPTH_MAX) throw new WireError(`${type.typeName} is too deep, want at most ${DEPTH_MAX}`);
    this.#pos = start;
    const shape = shapeOf(type);
    this.#stack.push({
      type,
      shape,
      start,
      end,
      resume,
      anyDepth,
      seen: shape.needed.length > 0 ? new Set() : undefined,
      previous: 0,
      urlStart: 0,
      urlEnd: 0,
      valueStart: 0,
      valueEnd: 0,
    });
  }

  /** Goes into the message that an Any holds. */
  #open(any: Frame, registry: Registry): void {
    const anyDepth = any.anyDepth + 1;
    if (anyDepth > ANY_DEPTH_MAX) throw new WireError(`Any depth is ${anyDepth}, want at most ${ANY_DEPTH_MAX}`);
    this.#anyCount = anyDepth === 1 ? 1 : this.#anyCount + 1;
    if (this.#anyCount > ANY_COUNT_MAX) throw new WireError(`more than ${ANY_COUNT_MAX} Anys in one Any`);
    const url = this.#text(any.urlStart, any.urlEnd);
    const type = registry.get(url);
    if (type === undefined) throw new WireError(`type URL is ${quote(url)}, want a registered one`);
    this.#push(type, any.valueStart, any.valueEnd, any.resume, anyDepth);
  }

  #text(start: number, end: number): string {
    try {
      return text.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw new WireError("type URL is not UTF-8, want UTF-8", { cause });
    }
  }

  #field(frame: Frame): void {
    const tag = this.#varint(frame);
    const wire = tag & 7;
    const no = Math.floor(tag / 8);
    // 2^31 − 1, as protowire: more than a .proto file may use.
    if (no < 1 || no > 0x7fff_ffff) throw new WireError(`${frame.type.typeName} has field number ${no}`);
    if (this.#options.canonical) this.#ascending(frame, no);
    const slot = frame.shape.slots.get(no);
    frame.seen?.add(no);
    if (slot === undefined) this.#unknown(frame, no);
    else if (wire !== slot.wire && !(wire === 2 && slot.packable)) {
      throw new WireError(`${nameOf(frame, no)} has wire type ${wire}, want ${slot.wire}`);
    }
    const start = this.#pos;
    const value = this.#skip(frame, no, wire);
    if (this.#options.canonical && slot?.plain && this.#isDefault(wire, value, start)) {
      throw new WireError(`${nameOf(frame, no)} is written with its default, want it left out`);
    }
    if (slot?.decimal && value === 0) throw new WireError(`${nameOf(frame, no)} is empty, want a number`);
    if (slot === undefined || wire !== 2) return;
    const end = this.#pos;
    if (frame.type.typeName === ANY) {
      if (no === 1) {
        frame.urlStart = end - value;
        frame.urlEnd = end;
      } else {
        frame.valueStart = end - value;
        frame.valueEnd = end;
      }
    } else if (slot.message) this.#push(slot.message, end - value, end, end, frame.anyDepth);
  }

  #unknown(frame: Frame, no: number): void {
    const critical = (no & NON_CRITICAL_BIT) === 0;
    if (critical || !this.#options.allowNonCritical) {
      throw new WireError(`${frame.type.typeName} has unknown field ${no}`);
    }
    this.#hasNonCritical = true;
  }

  /** ADR-027: fields ascend, and only repeated ones come again. */
  #ascending(frame: Frame, no: number): void {
    const again = no === frame.previous && frame.shape.slots.get(no)?.field.repeated !== true;
    if (no < frame.previous || again) {
      throw new WireError(
        `${frame.type.typeName} has field ${no} after field ${frame.previous}, want ascending fields`,
      );
    }
    frame.previous = no;
  }

  /** Passes over a value. Returns the varint, or the length of what is length-delimited. */
  #skip(frame: Frame, no: number, wire: number): number {
    switch (wire) {
      case 0:
        return this.#varint(frame);
      case 1:
        return this.#advance(frame, 8);
      case 2:
        return this.#advance(frame, this.#varint(frame));
      case 5:
        return this.#advance(frame, 4);
      default:
        throw new WireError(`field ${no} of ${frame.type.typeName} has wire type ${wire}, want 0, 1, 2 or 5`);
    }
  }

  #advance(frame: Frame, length: number): number {
    const left = frame.end - this.#pos;
    if (length > left) throw new WireError(`${frame.type.typeName} has ${left} bytes left, want ${length}`);
    this.#pos += length;
    return length;
  }

  #isDefault(wire: number, value: number, start: number): boolean {
    if (wire === 0 || wire === 2) return value === 0;
    for (let index = start; index < this.#pos; index++) if (this.#bytes[index] !== 0) return false;
    return true;
  }

  /** A varint of at most 64 bits; above 2^53 only its size matters, and it is rounded. */
  #varint(frame: Frame): number {
    const { end } = frame;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#pos >= end) throw new WireError(`${frame.type.typeName} ends inside a varint`);
      const byte = this.#bytes[this.#pos++] as number;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        if (index === 9 && byte > 1) break;
        high |= bits << (7 * index - 32);
      }
      if (byte >= 0x80) continue;
      if (this.#options.canonical && byte === 0 && index > 0) {
        throw new WireError(`${frame.type.typeName} has a varint of ${index + 1} bytes, want the shortest`);
      }
      return (high >>> 0) * TWO_32 + (low >>> 0);
    }
    throw new WireError(`${frame.type.typeName} has a varint of more than 64 bits`);
  }
}
