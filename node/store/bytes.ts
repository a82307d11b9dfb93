/**
 * Byte text: a string with one character of 0 to 255 a byte. V8 keeps it in one byte a character on its own heap,
 * compares it in unsigned byte order with `<`, and collects it without a finalizer. Against `Uint8Array` it measured
 * 6 ns instead of 36 ns a comparison and 48 bytes instead of about 200 for a hash, so the tree keeps keys, values and
 * hashes in this form and converts at its border.
 */
export type ByteText = string;

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;
type Latin1Write = (this: Uint8Array, text: string, offset: number) => number;

// What `buf.toString("latin1")` and `buf.write(text, "latin1")` call; these also take a plain Uint8Array as `this`.
const { latin1Slice, latin1Write } = Buffer.prototype as unknown as {
  readonly latin1Slice: Latin1Slice;
  readonly latin1Write: Latin1Write;
};

const SLAB_BYTES = 65_536;
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** V8 keeps arrays of up to 64 bytes in its heap, and native code that touches one first moves it out, at 0.6 µs. */
const IN_HEAP_BYTES = 64;

export const toText = (bytes: Uint8Array): ByteText =>
  bytes.length <= IN_HEAP_BYTES
    ? String.fromCharCode.apply(null, bytes as unknown as number[])
    : latin1Slice.call(bytes, 0, bytes.length);

export const sliceText = (bytes: Uint8Array, start: number, end: number): ByteText =>
  latin1Slice.call(bytes, start, end);

/** Writes the text's bytes at `offset`; the caller made sure that they fit. Returns the offset behind them. */
export function putText(target: Uint8Array, text: ByteText, offset: number): number {
  latin1Write.call(target, text, offset);
  return offset + text.length;
}

/** Arrays up to this many bytes lie on V8's own heap, where they cost no allocation outside of it. */
const ON_HEAP_BYTES = 64;

/** Fresh bytes. Middling ones share a slab, so `buffer` may be larger than the array: use `byteOffset`. */
export function toBytes(text: ByteText): Uint8Array {
  const { length } = text;
  if (length <= ON_HEAP_BYTES) {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }
  if (length > SLAB_BYTES >> 2) {
    const bytes = new Uint8Array(length);
    latin1Write.call(bytes, text, 0);
    return bytes;
  }
  if (slabUsed + length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  const offset = slabUsed;
  slabUsed += length;
  latin1Write.call(slab, text, offset);
  return new Uint8Array(slab.buffer, offset, length);
}

/** Bytes that an unsigned LEB128 of `n` takes. `n` is a non-negative safe integer. */
export function uvarintSize(n: number): number {
  let size = 1;
  for (let rest = n; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes `n`, a non-negative safe integer, as unsigned LEB128 (Go's `binary.PutUvarint`). Returns the offset behind. */
export function putUvarint(target: Uint8Array, n: number, offset: number): number {
  let rest = n;
  let at = offset;
  while (rest >= 128) {
    target[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  target[at++] = rest;
  return at;
}

/** Go's signed varint of a non-negative number: zigzag doubles it. `n` is below 2^52. */
export const putVarint = (target: Uint8Array, n: number, offset: number): number => putUvarint(target, n * 2, offset);

/** Capacity that an emptied writer keeps: a genesis of hundreds of megabytes must not stay in memory. */
const KEPT_BYTES = 4 << 20;

/** A growing byte buffer with the few encodings the store's own records use. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  uvarint(value: number): this {
    this.#reserve(8);
    this.#length = putUvarint(this.#buffer, value, this.#length);
    return this;
  }

  int64(value: bigint): this {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64BE(value, this.#length);
    return this;
  }

  /** Length first. */
  bytes(value: Uint8Array): this {
    this.uvarint(value.length);
    this.raw(value);
    return this;
  }

  /** Length first. */
  text(value: ByteText): this {
    this.#reserve(8 + value.length);
    this.#length = putUvarint(this.#buffer, value.length, this.#length);
    latin1Write.call(this.#buffer, value, this.#length);
    this.#length += value.length;
    return this;
  }

  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** What was written. The buffer stays with the writer until {@link clear}. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Uint8Array {
    const copy = new Uint8Array(this.view());
    this.#length = 0;
    return copy;
  }

  /** Empties the writer and gives back a large buffer. */
  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(1024);
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads what {@link ByteWriter} wrote. Throws a RangeError past the end: callers turn it into `corrupt`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError(`record ends at ${this.#at}, want a byte more`);
    this.#at++;
    return value;
  }

  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 128;
    }
    throw new RangeError(`varint at ${this.#at} is over 2^53 - 1`);
  }

  int64(): bigint {
    const start = this.#skip(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getBigInt64(0);
  }

  /** A copy. */
  bytes(): Uint8Array {
    const length = this.uvarint();
    const start = this.#skip(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  text(): ByteText {
    const length = this.uvarint();
    const start = this.#skip(length);
    return sliceText(this.#bytes, start, start + length);
  }

  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) {
      throw new RangeError(`record has ${this.#bytes.length - start} bytes left, want ${length}`);
    }
    this.#at = start + length;
    return start;
  }
}
