/**
 * Frames of the ABCI socket protocol (CometBFT v0.38 spec/abci/abci++_client_server.md): `uvarint length | message`, in
 * both directions. Everything read here is untrusted until its length is checked.
 */

/** A uvarint of 64 bits takes at most this many bytes. */
const UVARINT_BYTES_MAX = 10;

/** Bytes on the wire break the framing. The connection cannot be read any further. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Cuts a byte stream into frames. Chunks are kept as they come, and nothing is allocated for a frame before its bytes
 * are here, so a length that lies costs nothing. A frame inside one chunk is a view of it; a frame across chunks is
 * copied once.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  /** Unread chunks from `#first` on; `#offset` bytes of the first one are consumed. */
  #chunks: Uint8Array[] = [];
  #first = 0;
  #offset = 0;
  #size = 0;
  /** Length of the frame whose prefix is consumed, or −1 before a prefix. */
  #need = -1;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes received and not yet given out. */
  get size(): number {
    return this.#size;
  }

  /** Takes a chunk over: the caller must not change it afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** Whether the start of a frame is here and its end is not, so that only more bytes help. */
  get starved(): boolean {
    return this.#need >= 0 ? this.#size < this.#need : this.#size < UVARINT_BYTES_MAX;
  }

  /** The next whole frame, without its length, or undefined until more bytes come. Throws `FrameError`. */
  next(): Uint8Array | undefined {
    if (this.#need < 0) {
      this.#need = this.#readLength();
      if (this.#need < 0) return undefined;
    }
    if (this.#size < this.#need) return undefined;
    const frame = this.#take(this.#need);
    this.#need = -1;
    return frame;
  }

  /** Consumes a length prefix once it is whole; −1 until then. */
  #readLength(): number {
    let length = 0;
    let scale = 1;
    let chunk = this.#first;
    let offset = this.#offset;
    for (let count = 1; ; count++) {
      const bytes = this.#chunks[chunk];
      if (bytes === undefined) return -1;
      const byte = bytes[offset] as number;
      // Above 2^53 the sum is inexact, and far above every limit all the same.
      length += (byte & 0x7f) * scale;
      scale *= 128;
      offset++;
      if (offset === bytes.length) {
        chunk++;
        offset = 0;
      }
      if (byte < 0x80) {
        if (length > this.#maxFrameBytes) {
          throw new FrameError(`frame length is ${length} bytes, want at most ${this.#maxFrameBytes}`);
        }
        this.#first = chunk;
        this.#offset = offset;
        this.#size -= count;
        this.#release();
        return length;
      }
      if (count === UVARINT_BYTES_MAX) {
        throw new FrameError(`frame length goes on after ${UVARINT_BYTES_MAX} bytes, want a uvarint of 64 bits`);
      }
    }
  }

  /** Consumes `length` bytes, which must be here. */
  #take(length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const head = this.#chunks[this.#first] as Uint8Array;
    const end = this.#offset + length;
    this.#size -= length;
    if (end <= head.length) {
      const frame = head.subarray(this.#offset, end);
      this.#advance(head, end);
      return frame;
    }
    const frame = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const bytes = this.#chunks[this.#first] as Uint8Array;
      const part = bytes.subarray(this.#offset, this.#offset + length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#advance(bytes, this.#offset + part.length);
    }
    return frame;
  }

  #advance(chunk: Uint8Array, offset: number): void {
    if (offset < chunk.length) {
      this.#offset = offset;
      return;
    }
    this.#offset = 0;
    this.#first++;
    this.#release();
  }

  /** Forgets consumed chunks, seldom enough that it costs nothing a frame. */
  #release(): void {
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#first = 0;
    } else if (this.#first >= 64) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** Bytes that a uvarint takes. `value` is an integer from 0 to 2^53 − 1. */
export function uvarintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes a uvarint and returns the offset after it. */
export function writeUvarint(out: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= 0x80) {
    out[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}

/**
 * Collects frames that each hold one member of a oneof, and gives them to the socket in as few writes as possible.
 * Small frames are copied into one scratch buffer; a large body is handed over as it is.
 */
export class FrameWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #scratch: Uint8Array;
  #used = 0;

  /** `write` takes the bytes over. `scratchBytes` bounds what one write gathers. */
  constructor(write: (bytes: Uint8Array) => void, scratchBytes = 64 * 1024) {
    this.#write = write;
    this.#scratch = new Uint8Array(scratchBytes);
  }

  /** Appends `uvarint length | tag of field | uvarint length | body`. The body must not change afterwards. */
  append(field: number, body: Uint8Array): void {
    const tag = field * 8 + 2;
    const message = uvarintLength(tag) + uvarintLength(body.length) + body.length;
    const header = uvarintLength(message) + message - body.length;
    const large = header + body.length > this.#scratch.length >> 1;
    if (this.#used + header + (large ? 0 : body.length) > this.#scratch.length) this.flush();
    let at = writeUvarint(this.#scratch, this.#used, message);
    at = writeUvarint(this.#scratch, at, tag);
    at = writeUvarint(this.#scratch, at, body.length);
    if (large) {
      this.#used = at;
      this.flush();
      this.#write(body);
    } else {
      this.#scratch.set(body, at);
      this.#used = at + body.length;
    }
  }

  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#scratch.slice(0, this.#used);
    this.#used = 0;
    this.#write(bytes);
  }
}
