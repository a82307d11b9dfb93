import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameError, FrameReader, FrameWriter, uvarintLength, writeUvarint } from "./frames.ts";
import { concat, frameOf } from "./testing/scene.ts";

function readAll(pieces: readonly Uint8Array[], maxFrameBytes = 1 << 20): Uint8Array[] {
  const reader = new FrameReader(maxFrameBytes);
  const frames: Uint8Array[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame.slice());
  }
  return frames;
}

const uvarint = (value: number): Uint8Array => {
  const out = new Uint8Array(uvarintLength(value));
  writeUvarint(out, 0, value);
  return out;
};

const anyFrames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });

describe("FrameReader", () => {
  test("T1: gives the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(anyFrames, fc.array(fc.nat(2_000), { maxLength: 30 }), (frames, cuts) => {
        const stream = concat(frames.map(frameOf));
        const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => stream.slice(ends[index - 1] ?? 0, end));
        expect(readAll(pieces)).toEqual(frames);
      }),
      { numRuns: 200 },
    );
  });

  test("T1: gives a frame cut at every byte", () => {
    const frames = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(300).fill(7)];
    const stream = concat(frames.map(frameOf));
    expect(readAll(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(frames);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(readAll([stream.slice(0, cut), stream.slice(cut)])).toEqual(frames);
    }
  });

  test("T1: gives 1,000 frames that come together", () => {
    const frames = Array.from({ length: 1_000 }, (_, index) => new Uint8Array(index % 200).fill(index));
    expect(readAll([concat(frames.map(frameOf))])).toEqual(frames);
  });

  test("T1: refuses a length above the limit before anything of it comes", () => {
    expect(() => readAll([uvarint(5 * 2 ** 30)])).toThrow(FrameError);
    expect(() => readAll([uvarint(101)], 100)).toThrow("frame length is 101 bytes, want at most 100");
    expect(readAll([uvarint(100), new Uint8Array(100)], 100)).toEqual([new Uint8Array(100)]);
  });

  test("T1: refuses a length of 11 bytes, and one of 10 that is too great", () => {
    const eleven = Uint8Array.of(...new Array(10).fill(0x80), 0);
    expect(() => readAll([eleven])).toThrow("goes on after 10 bytes");
    const ten = Uint8Array.of(...new Array(9).fill(0xff), 1);
    expect(() => readAll([ten])).toThrow(FrameError);
  });

  test("a view of one chunk is not copied, and what follows does not change it", () => {
    const chunk = concat([frameOf(Uint8Array.of(1, 2, 3)), frameOf(Uint8Array.of(4))]);
    const reader = new FrameReader(100);
    reader.push(chunk);
    const first = reader.next();
    expect(first?.buffer).toBe(chunk.buffer);
    reader.push(frameOf(Uint8Array.of(5)));
    expect(reader.next()).toEqual(Uint8Array.of(4));
    expect(reader.next()).toEqual(Uint8Array.of(5));
    expect(first).toEqual(Uint8Array.of(1, 2, 3));
    expect(reader.size).toBe(0);
  });

  test("knows when only more bytes help", () => {
    const reader = new FrameReader(1_000);
    reader.push(uvarint(500));
    expect(reader.next()).toBeUndefined();
    reader.push(new Uint8Array(499));
    expect(reader.starved).toBe(true);
    reader.push(new Uint8Array(1));
    expect(reader.starved).toBe(false);
  });
});

describe("FrameWriter", () => {
  test("what it writes, FrameReader reads, whatever the sizes", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 30 }), (list, field) => {
        const written: Uint8Array[] = [];
        const writer = new FrameWriter((bytes) => written.push(bytes), 128);
        for (const body of list) writer.append(field, body);
        writer.flush();
        const expected = list.map((body) => concat([uvarint(field * 8 + 2), frameOf(body)]));
        expect(readAll(written)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("gathers small frames in one write", () => {
    const written: Uint8Array[] = [];
    const writer = new FrameWriter((bytes) => written.push(bytes));
    for (let count = 0; count < 100; count++) writer.append(9, Uint8Array.of(1, 2, 3));
    expect(written).toEqual([]);
    writer.flush();
    writer.flush();
    expect(written.length).toBe(1);
  });
});

describe("writeUvarint", () => {
  test.each([0, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 53 - 1])("takes uvarintLength(%d) bytes", (value) => {
    const out = new Uint8Array(10);
    expect(writeUvarint(out, 0, value)).toBe(uvarintLength(value));
    const decoded = Array.from(uvarint(value)).reduce((sum, byte, index) => sum + (byte & 0x7f) * 128 ** index, 0);
    expect(decoded).toBe(value);
  });
});
