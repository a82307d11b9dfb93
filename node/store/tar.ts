/** The little of POSIX ustar that snapshot archives need: plain files in one folder. */
const BLOCK = 512;
/** Octal digits of the size field, less its terminator: 8 GiB. */
const SIZE_MAX = 0o77777777777;

export interface TarFile {
  readonly name: string;
  readonly data: Uint8Array;
}

function headerOf({ name, data }: TarFile): Buffer {
  if (Buffer.byteLength(name) > 100 || data.length > SIZE_MAX) throw new RangeError(`file ${name} does not fit a tar`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(data.length, 12), 124);
  header.write(octal(0, 12), 136); // no time: the same files give the same archive
  header.write("        ", 148); // the checksum counts its own field as blanks
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

const padding = (length: number): Buffer => Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);

export async function* packTar(files: AsyncIterable<TarFile>): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield headerOf(file);
    yield file.data;
    yield padding(file.data.length);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** The files of an archive, each up to `maxBytes`. Throws RangeError for anything but plain files. */
export async function* unpackTar(input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<TarFile> {
  const chunks = input[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const read = async (length: number): Promise<Buffer> => {
    while (held.length < length) {
      const { value, done } = await chunks.next();
      if (done) throw new RangeError("archive ends in the middle of a file");
      held = Buffer.concat([held, value]);
    }
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
  for (;;) {
    const header = await read(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const text = (start: number, length: number): string =>
      header.toString("latin1", start, start + length).replace(/\0.*$/s, "");
    const name = text(0, 100);
    const size = Number.parseInt(text(124, 12).trim(), 8);
    const kind = text(156, 1);
    if ((kind !== "0" && kind !== "") || !Number.isSafeInteger(size) || size > maxBytes) {
      throw new RangeError(`archive entry ${JSON.stringify(name)} is not a file of up to ${maxBytes} bytes`);
    }
    const data = new Uint8Array(await read(size));
    await read(padding(size).length);
    yield { name, data };
  }
}
