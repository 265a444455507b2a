/**
 * Reads zip files: those of PyTorch (`.pt`) and NumPy (`.npz`).
 *
 * @see APPNOTE.TXT 6.3.10, sections 4.3 (layout) and 4.5.3 (zip64)
 */
import { Inflate } from 'fflate';
import { FileFormatError } from '../../runtime/errors.js';
import type { Budget } from '../budget.js';
import { crc32 } from './crc32.js';

/** A file in a zip file, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  /** Bytes in the zip file, and decompressed. */
  readonly packed: number;
  readonly size: number;
  /** Where its local header is. */
  readonly header: number;
  readonly flags: number;
}

/** The bytes of an entry. */
export interface ZipContents {
  readonly bytes: Uint8Array;
  /** Where they are in the zip file; undefined where they were compressed. */
  readonly at: number | undefined;
  /** Whether they have the checksum of the directory. */
  readonly intact: boolean;
}

const END = 0x0605_4b50;
const END_64 = 0x0606_4b50;
const LOCATOR_64 = 0x0706_4b50;
const CENTRAL = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

/** How much is decompressed at a time; deflate makes at most 1,032 times as much of it. */
const STEP = 16_384;

/** Most that deflate makes of a byte. */
const DEFLATE_RATIO = 1032;

/** A zip file whose directory has been read. */
export class ZipReader {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #view: DataView;

  /** @throws {FileFormatError} when it is not a zip file, or its directory is wrong */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly budget: Budget,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.entries = this.#directory();
  }

  /** @throws {FileFormatError} when the entry is damaged, encrypted, compressed in another way, or too large */
  read(entry: ZipEntry): ZipContents {
    const { name, header, packed, size, method } = entry;
    const refuse = (problem: string, offset = header): never =>
      this.#refuse(`the entry ${JSON.stringify(name)} ${problem}`, offset);
    if ((entry.flags & 1) !== 0) refuse('is encrypted');
    if (this.#u32(header) !== LOCAL) refuse('has no local header where the directory says');
    const begin = header + 30 + this.#u16(header + 26) + this.#u16(header + 28);
    if (begin + packed > this.bytes.length) refuse(`has ${packed} bytes, which end past the file`);
    const data = this.bytes.subarray(begin, begin + packed);
    if (method !== 0 && method !== 8) refuse(`is compressed by method ${method}; stored and deflate are read`);
    if (method === 0) {
      if (packed !== size) refuse(`is stored in ${packed} bytes, but is said to have ${size}`);
      return { bytes: data, at: begin, intact: crc32(data) === entry.crc };
    }
    if (size > packed * DEFLATE_RATIO) refuse(`is said to have ${size} bytes, made of ${packed}`);
    this.budget.take(size, `the entry ${JSON.stringify(name)}`, header);
    const bytes = inflate(data, size, (problem) => refuse(problem, begin));
    return { bytes, at: undefined, intact: crc32(bytes) === entry.crc };
  }

  /** As `read`. @throws {FileFormatError} also when the bytes do not have the checksum of the directory */
  readIntact(entry: ZipEntry): ZipContents {
    const contents = this.read(entry);
    if (!contents.intact)
      this.#refuse(`the entry ${JSON.stringify(entry.name)} is damaged: its checksum differs`, entry.header);
    return contents;
  }

  #directory(): Map<string, ZipEntry> {
    const end = this.#findEnd();
    let [count, length, at] = [this.#u16(end + 10), this.#u32(end + 12), this.#u32(end + 16)];
    const locator = end - 20;
    if (locator >= 0 && this.#u32(locator) === LOCATOR_64) {
      const end64 = this.#u64(locator + 8);
      if (this.#u32(end64) !== END_64) this.#refuse('the zip64 directory is not where it is said to be', locator);
      [count, length, at] = [this.#u64(end64 + 32), this.#u64(end64 + 40), this.#u64(end64 + 48)];
    }
    if (at + length > end || count * 46 > length)
      this.#refuse(`the directory is said to have ${count} entries in ${length} bytes at ${at}`, end);
    const entries = new Map<string, ZipEntry>();
    for (let i = 0; i < count; i++) {
      const { entry, next } = this.#entry(at);
      if (entries.has(entry.name)) this.#refuse(`the entry ${JSON.stringify(entry.name)} is there twice`, at);
      entries.set(entry.name, entry);
      at = next;
    }
    return entries;
  }

  /** The end record: the last one whose comment ends with the file. */
  #findEnd(): number {
    const last = this.bytes.length - END_LENGTH;
    for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--)
      if (this.#u32(at) === END && at + END_LENGTH + this.#u16(at + 20) === this.bytes.length) return at;
    return this.#refuse('the zip file has no directory at its end: it is truncated or damaged', this.bytes.length);
  }

  #entry(at: number): { entry: ZipEntry; next: number } {
    if (this.#u32(at) !== CENTRAL) this.#refuse('the directory is damaged', at);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => this.#u16(at + offset));
    const extra = at + 46 + nameLength!;
    const next = extra + extraLength! + commentLength!;
    if (next > this.bytes.length) this.#refuse('the directory ends past the file', at);
    const name = new TextDecoder().decode(this.bytes.subarray(at + 46, extra));
    const wide = this.#wide(extra, extraLength!, [this.#u32(at + 24), this.#u32(at + 20), this.#u32(at + 42)]);
    const [size, packed, header] = wide as [number, number, number];
    const [flags, method, crc] = [this.#u16(at + 8), this.#u16(at + 10), this.#u32(at + 16)];
    return { entry: { name, method, crc, packed, size, header, flags }, next };
  }

  /** Sizes and offset of an entry: those that are all ones are in the zip64 field, in this order. */
  #wide(extra: number, length: number, numbers: number[]): number[] {
    for (let at = extra; at + 4 <= extra + length; at += 4 + this.#u16(at + 2)) {
      if (this.#u16(at) !== 1) continue;
      let field = at + 4;
      return numbers.map((number) => {
        if (number !== 0xffff_ffff) return number;
        field += 8;
        return this.#u64(field - 8);
      });
    }
    return numbers;
  }

  #u16(at: number): number {
    return this.#inside(at, 2) ? this.#view.getUint16(at, true) : 0;
  }

  #u32(at: number): number {
    return this.#inside(at, 4) ? this.#view.getUint32(at, true) : 0;
  }

  #u64(at: number): number {
    return this.#u32(at + 4) * 2 ** 32 + this.#u32(at);
  }

  #inside(at: number, length: number): boolean {
    if (at >= 0 && at + length <= this.bytes.length) return true;
    return this.#refuse('the directory refers to bytes past the end of the file', at);
  }

  #refuse(problem: string, offset: number): never {
    throw new FileFormatError(problem, { file: this.budget.file, offset });
  }
}

/** Decompresses to `size` bytes: no more are ever allocated or computed than those and what one step gives. */
function inflate(data: Uint8Array, size: number, refuse: (problem: string) => never): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    if (length + chunk.length > size) refuse(`has more than the ${size} bytes that it is said to have`);
    bytes.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < data.length; at += STEP) stream.push(data.subarray(at, at + STEP), at + STEP >= data.length);
  } catch (error) {
    if (error instanceof FileFormatError) throw error;
    refuse(`cannot be decompressed: ${String((error as Error).message)}`);
  }
  if (length < size) refuse(`has ${length} bytes, not the ${size} that it is said to have`);
  return bytes;
}
