/**
 * PNG files. fast-png decodes the pixels, once these are known to be right: where chunks begin and end, their
 * checksums, the size of the picture, and how many bytes the compressed pixels grow to.
 */
import fs from 'node:fs';
import { inflateSync } from 'node:zlib';
import { type DecodedPng, decode } from 'fast-png';
import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from '../data/pictureLimits.js';
import { FileFormatError, MissingDataError, type Picture } from '../index.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The most bytes that the pixels may have once they are decompressed: four for each pixel of the largest picture. */
const MOST_BYTES = 4 * MOST_PIXELS;

/** The most bytes of a file: compressed pixels are never much longer than the pixels. */
const MOST_FILE_BYTES = 2 * MOST_BYTES;

/** The most colours of a palette. */
const MOST_COLOURS = 256;

/** Bytes that a chunk has beside its data: length, type, checksum. */
const FRAME = 12;

/** Channels of each colour type, and the depths it allows. */
const COLOUR_TYPES: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/** The colour type whose pixels are places in a palette. */
const PALETTE = 3;

/** First column and row of Adam7's passes, and the steps between their pixels. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

type PixelData = DecodedPng['data'];

/** The chunks that say something about the pixels. */
interface Essence {
  readonly header: Header;
  /** PLTE: three bytes for each colour. */
  readonly palette: Buffer | undefined;
  /** tRNS: the opacities of the first colours of the palette, or else the one colour that is transparent. */
  readonly transparency: Buffer | undefined;
  /** A PNG file of the header and the pixels alone. */
  readonly plain: Buffer;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  /** Bytes of the decompressed pixels, with the filter of each row. */
  readonly size: number;
}

/**
 * Reads a picture: grey, RGB, with alpha or a palette, 1 to 16 bits, interlaced or not. At most 2²⁴ pixels, no side
 * longer than 65,535, and at most 2²⁶ bytes of pixels once they are decompressed.
 *
 * @throws {MissingDataError} when the file cannot be read, or is not a regular file
 * @throws {FileFormatError} when it is not a PNG, damaged, or larger than that
 */
export function readPng(file: string): Picture {
  const bytes = readRegularFile(file);
  return decodePng(bytes, file);
}

/** The bytes of a file. Of a pipe or a device they might never end. */
function readRegularFile(file: string): Buffer {
  let about: fs.Stats;
  try {
    about = fs.statSync(file);
    if (about.isFile() && about.size <= MOST_FILE_BYTES) return fs.readFileSync(file);
  } catch (cause) {
    throw new MissingDataError(`cannot be read: ${(cause as Error).message}`, { where: file, cause });
  }
  if (!about.isFile()) {
    throw new MissingDataError('is not a regular file', { where: file, hint: 'give the names of PNG files' });
  }
  throw new FileFormatError(`the file has ${about.size} bytes; at most ${MOST_FILE_BYTES} are read`, { file });
}

/** The picture in the bytes of a PNG file. See {@link readPng}. */
export function decodePng(bytes: Uint8Array, file: string): Picture {
  const essence = checkChunks(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), file);
  try {
    return toPicture(decode(essence.plain), essence);
  } catch (cause) {
    throw new FileFormatError(`this PNG cannot be decoded: ${(cause as Error).message}`, { file, cause });
  }
}

function checkChunks(bytes: Buffer, file: string): Essence {
  const refuse = (problem: string, offset: number): never => {
    throw new FileFormatError(problem, { file, offset });
  };
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) refuse('this is not a PNG: the signature is missing', 0);
  const kept = new Map<string, Buffer>();
  // However many chunks they are in, the compressed pixels are shorter than the file.
  const pixels = Buffer.allocUnsafe(bytes.length);
  let compressed = 0;
  let header: Header | null = null;
  for (let at = SIGNATURE.length; ; ) {
    if (at + FRAME > bytes.length) refuse('the PNG ends before its end chunk', bytes.length);
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (length > bytes.length - at - FRAME) refuse(`a chunk of ${length} bytes goes past the end of the file`, at);
    const end = at + FRAME + length;
    const checksum = bytes.readUInt32BE(end - 4);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== checksum) refuse('the checksum of a chunk is wrong', at);
    const data = bytes.subarray(at + 8, end - 4);
    if ((type === 'IHDR') !== (header === null)) {
      refuse(header === null ? 'the header chunk is missing' : 'there is a second header chunk', at);
    }
    header ??= readHeader(data, (problem) => refuse(problem, at));
    if (type === 'IDAT') compressed += data.copy(pixels, compressed);
    if (type === 'IHDR' || (type === 'PLTE' && header.colourType === PALETTE) || type === 'tRNS') {
      if (kept.has(type)) refuse(`there is a second chunk ${type}`, at);
      const problem = problemOf(type, length, header, kept.get('PLTE'));
      if (problem !== null) refuse(problem, at);
      kept.set(type, data);
    }
    if (type === 'IEND') break;
    at = end;
  }
  const [palette, transparency] = [kept.get('PLTE'), kept.get('tRNS')];
  if (header!.colourType === PALETTE && palette === undefined) refuse('the palette is missing', bytes.length);
  const packed = pixels.subarray(0, compressed);
  checkPixels(packed, header!.size, file);
  const chunks = [chunkOf('IHDR', kept.get('IHDR')!), chunkOf('IDAT', packed), chunkOf('IEND', Buffer.alloc(0))];
  return { header: header!, palette, transparency, plain: Buffer.concat([SIGNATURE, ...chunks.flat()]) };
}

/** A chunk without its checksum, which was compared already. */
function chunkOf(type: string, data: Buffer): Buffer[] {
  const frame = Buffer.alloc(FRAME);
  frame.writeUInt32BE(data.length, 0);
  frame.write(type, 4, 'latin1');
  return [frame.subarray(0, 8), data, frame.subarray(8)];
}

function readHeader(header: Buffer, refuse: (problem: string) => never): Header {
  if (header.length !== 13) return refuse(`the header chunk has ${header.length} bytes instead of 13`);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colourType, interlaced] = [header[8]!, header[9]!, header[12]!];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) {
    return refuse(`a picture of ${width}×${height} is not read (${PICTURE_LIMITS})`);
  }
  const kind = COLOUR_TYPES[colourType];
  if (kind === undefined || !kind.depths.includes(depth)) {
    return refuse(`there is no colour type ${colourType} of ${depth} bits`);
  }
  if (interlaced > 1) return refuse(`there is no interlace method ${interlaced}`);
  if (interlaced === 1 && depth < 8) {
    return refuse(`interlaced pictures of ${depth} bits are not read; save it without interlacing`);
  }
  const bits = kind.channels * depth;
  if (width * height * bits > 8 * MOST_BYTES) {
    return refuse(
      `a picture of ${width}×${height} with ${bits} bits per pixel is not read ` +
        `(at most ${MOST_BYTES} bytes); scale it down, or save it with 8 bits per channel`,
    );
  }
  const rows = (columns: number, count: number): number =>
    columns === 0 ? 0 : count * (1 + Math.ceil((columns * bits) / 8));
  const along = (length: number, first: number, step: number): number => Math.ceil(Math.max(0, length - first) / step);
  const size =
    interlaced === 0
      ? rows(width, height)
      : PASSES.reduce((sum, [x, y, dx, dy]) => sum + rows(along(width, x, dx), along(height, y, dy)), 0);
  return { width, height, depth, colourType, size };
}

/** What is wrong with the length of a palette (PLTE) or of the colours that are transparent (tRNS), if anything. */
function problemOf(type: string, length: number, { colourType }: Header, palette: Buffer | undefined): string | null {
  if (type === 'PLTE') {
    const fits = length > 0 && length % 3 === 0 && length / 3 <= MOST_COLOURS;
    return fits ? null : `a palette has 1 to ${MOST_COLOURS} colours of 3 bytes, not ${length} bytes`;
  }
  if (type !== 'tRNS') return null;
  if (colourType === PALETTE) {
    const colours = (palette?.length ?? 0) / 3;
    return length <= colours ? null : `${length} colours are transparent, and the palette before has ${colours}`;
  }
  const wanted = colourType > PALETTE ? 0 : 2 * COLOUR_TYPES[colourType]!.channels;
  return length === wanted ? null : `the transparent colour has ${length} bytes instead of ${wanted}`;
}

function checkPixels(compressed: Uint8Array, size: number, file: string): void {
  let length: number;
  try {
    length = inflateSync(compressed, { maxOutputLength: size }).length;
  } catch (cause) {
    const problem = `the compressed pixels are damaged, or more than the ${size} bytes of the picture`;
    throw new FileFormatError(`${problem}: ${(cause as Error).message}`, { file, cause });
  }
  if (length !== size) {
    throw new FileFormatError(`the pixels have ${length} bytes, the picture needs ${size}`, { file });
  }
}

/** As 8 or 16 bits a channel, without a palette. */
function toPicture({ data: packed, channels }: DecodedPng, { header, palette, transparency }: Essence): Picture {
  const { width, height, depth } = header;
  const most = 2 ** depth - 1;
  // Grey of 1, 2 or 4 bits is stretched to 0 … 255; places in a palette are not.
  const scale = depth < 8 && palette === undefined ? 255 / most : 1;
  const data = depth < 8 ? unpack(packed, width, height, depth, scale) : packed;
  if (palette !== undefined) {
    const table = coloursOf(palette, transparency);
    return { width, height, data: lookUp(data, table), channels: table[0]!.length, depth: 8 };
  }
  const picture = { width, height, depth: depth === 16 ? 16 : 8 };
  if (transparency === undefined) return { ...picture, data, channels };
  const nothing = Array.from({ length: channels }, (_, c) => (transparency.readUInt16BE(2 * c) & most) * scale);
  return { ...picture, data: withAlpha(data, nothing, picture.depth), channels: channels + 1 };
}

/** Samples of 1, 2 or 4 bits, rows beginning at whole bytes, as a byte each, times `scale`. */
function unpack(packed: PixelData, width: number, height: number, depth: number, scale: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  const samples = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const end = i + width;
    for (let at = y * rowBytes; i < end; at++) {
      const byte = packed[at]!;
      for (let shift = 8 - depth; shift >= 0 && i < end; shift -= depth) {
        samples[i++] = ((byte >> shift) & most) * scale;
      }
    }
  }
  return samples;
}

/** The colours of a palette, each of red, green and blue, and opacity where some are transparent. */
function coloursOf(palette: Buffer, opacities: Buffer | undefined): number[][] {
  return Array.from({ length: palette.length / 3 }, (_, i) => {
    const colour = [...palette.subarray(3 * i, 3 * i + 3)];
    return opacities === undefined ? colour : [...colour, opacities[i] ?? 255];
  });
}

/** The colours of pixels that are places in a palette. */
function lookUp(places: PixelData, colours: readonly (readonly number[])[]): Uint8Array {
  const channels = colours[0]!.length;
  const table = Uint8Array.from(colours.flat());
  const data = new Uint8Array(places.length * channels);
  for (let i = 0, to = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place >= colours.length) throw new Error(`a pixel has colour ${place} of a palette of ${colours.length}`);
    for (let c = 0; c < channels; c++) data[to++] = table[place * channels + c]!;
  }
  return data;
}

/** Adds an alpha channel: pixels of the one colour that stands for "nothing here" are transparent. */
function withAlpha(data: PixelData, nothing: readonly number[], depth: number): PixelData {
  const channels = nothing.length;
  const pixels = data.length / channels;
  const result = depth === 16 ? new Uint16Array(pixels * (channels + 1)) : new Uint8Array(pixels * (channels + 1));
  for (let pixel = 0, to = 0; pixel < pixels; pixel++) {
    let same = true;
    for (let c = 0; c < channels; c++) {
      const value = data[pixel * channels + c]!;
      result[to++] = value;
      if (value !== nothing[c]) same = false;
    }
    result[to++] = same ? 0 : 2 ** depth - 1;
  }
  return result;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb8_8320 : remainder >>> 1;
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}
