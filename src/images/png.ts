/**
 * PNG files of all kinds: 1 to 16 bits, grey, colours, palettes, alpha, interlaced or not. Before any pixel is decoded,
 * these are known to be right: where chunks begin and end, their checksums, the size of the picture, and how many bytes
 * the compressed pixels grow to.
 *
 * @see PNG (Portable Network Graphics) Specification, third edition, W3C
 */
import { Unzlib } from 'fflate';
import type { Picture } from '../data/image.js';
import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from '../data/pictureLimits.js';
import { FileFormatError } from '../runtime/errors.js';
import { type PixelData, passesOf, rowBytes, samplesOf } from './pngPixels.js';

/** What a PNG file begins with. */
export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The most bytes that the pixels may have once they are decompressed: four for each pixel of the largest picture. */
const MOST_BYTES = 4 * MOST_PIXELS;

/** Deflate makes at most so many bytes of one. */
const LARGEST_RATIO = 1032;

/** Compressed bytes that are decompressed at a time. */
const SLICE = 4096;

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

/** What a file says of its pixels. */
interface Essence {
  readonly header: PngHeader;
  /** PLTE: three bytes for each colour. */
  readonly palette: Uint8Array | undefined;
  /** tRNS: the opacities of the first colours of the palette, or else the one colour that is transparent. */
  readonly transparency: Uint8Array | undefined;
  /** The decompressed rows, with the filter of each. */
  readonly rows: Uint8Array;
}

interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly channels: number;
  readonly interlaced: boolean;
}

/**
 * The picture in the bytes of a PNG file. At most 2²⁴ pixels, no side longer than 65,535, and at most 2²⁶ bytes of
 * pixels once they are decompressed.
 *
 * @throws {FileFormatError} when it is not a PNG, damaged, or larger than that
 */
export function decodePng(bytes: Uint8Array, file: string): Picture {
  const essence = readChunks(bytes, file);
  const { header, rows } = essence;
  try {
    return toPicture(samplesOf(rows, header), essence);
  } catch (cause) {
    throw new FileFormatError(`this PNG cannot be decoded: ${(cause as Error).message}`, { file, cause });
  }
}

function readChunks(bytes: Uint8Array, file: string): Essence {
  const refuse = (problem: string, offset: number): never => {
    throw new FileFormatError(problem, { file, offset });
  };
  if (PNG_SIGNATURE.some((byte, i) => bytes[i] !== byte)) refuse('this is not a PNG: the signature is missing', 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kept = new Map<string, Uint8Array>();
  const packed: Uint8Array[] = [];
  let header: PngHeader | null = null;
  for (let at = PNG_SIGNATURE.length; ; ) {
    if (at + FRAME > bytes.length) refuse('the PNG ends before its end chunk', bytes.length);
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (length > bytes.length - at - FRAME) refuse(`a chunk of ${length} bytes goes past the end of the file`, at);
    const end = at + FRAME + length;
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      refuse('the checksum of a chunk is wrong', at);
    }
    const data = bytes.subarray(at + 8, end - 4);
    if ((type === 'IHDR') !== (header === null)) {
      refuse(header === null ? 'the header chunk is missing' : 'there is a second header chunk', at);
    }
    header ??= readHeader(data, (problem) => refuse(problem, at));
    if (type === 'IDAT') packed.push(data);
    if ((type === 'PLTE' && header.colourType === PALETTE) || type === 'tRNS') {
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
  return { header: header!, palette, transparency, rows: inflate(packed, sizeOf(header!), file) };
}

/** Bytes of the decompressed pixels, with the filter of each row. */
function sizeOf(header: PngHeader): number {
  return passesOf(header).reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns, header)), 0);
}

function readHeader(header: Uint8Array, refuse: (problem: string) => never): PngHeader {
  if (header.length !== 13) return refuse(`the header chunk has ${header.length} bytes instead of 13`);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, interlaced] = [header[8]!, header[9]!, header[12]!];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) {
    return refuse(`a picture of ${width}×${height} is not read (${PICTURE_LIMITS})`);
  }
  const kind = COLOUR_TYPES[colourType];
  if (kind === undefined || !kind.depths.includes(depth)) {
    return refuse(`there is no colour type ${colourType} of ${depth} bits`);
  }
  if (interlaced > 1) return refuse(`there is no interlace method ${interlaced}`);
  const bits = kind.channels * depth;
  if (width * height * bits > 8 * MOST_BYTES) {
    return refuse(
      `a picture of ${width}×${height} with ${bits} bits per pixel is not read ` +
        `(at most ${MOST_BYTES} bytes); scale it down, or save it with 8 bits per channel`,
    );
  }
  return { width, height, depth, colourType, channels: kind.channels, interlaced: interlaced === 1 };
}

/** What is wrong with the length of a palette (PLTE) or of the colours that are transparent (tRNS), if anything. */
function problemOf(type: string, length: number, { colourType }: PngHeader, palette?: Uint8Array): string | null {
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

/** Decompresses the pixels, slice by slice: more than `size` bytes are never made. */
function inflate(packed: readonly Uint8Array[], size: number, file: string): Uint8Array {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new FileFormatError(problem, { file, cause });
  };
  const compressed = packed.reduce((sum, { length }) => sum + length, 0);
  if (size > compressed * LARGEST_RATIO) {
    refuse(`the pixels have ${compressed} compressed bytes, too few for the ${size} of the picture`);
  }
  const rows = new Uint8Array(size);
  let length = 0;
  const stream = new Unzlib((part) => {
    if (length + part.length <= size) rows.set(part, length);
    length += part.length;
  });
  try {
    for (const part of packed) {
      for (let at = 0; at < part.length && length <= size; at += SLICE) stream.push(part.subarray(at, at + SLICE));
    }
    if (length <= size) stream.push(new Uint8Array(0), true);
  } catch (cause) {
    refuse(`the compressed pixels are damaged: ${(cause as Error).message}`, cause);
  }
  if (length > size) refuse(`the compressed pixels are more than the ${size} bytes of the picture`);
  if (length < size) refuse(`the pixels have ${length} bytes, the picture needs ${size}`);
  return rows;
}

/** As 8 or 16 bits a channel, without a palette. */
function toPicture(data: PixelData, { header, palette, transparency }: Essence): Picture {
  const { width, height, depth, channels } = header;
  if (palette !== undefined) {
    const table = coloursOf(palette, transparency);
    return { width, height, data: lookUp(data, table), channels: table[0]!.length, depth: 8 };
  }
  const most = 2 ** depth - 1;
  // Grey of 1, 2 or 4 bits is stretched to 0 … 255.
  const scale = depth < 8 ? 255 / most : 1;
  if (scale !== 1) for (let i = 0; i < data.length; i++) data[i]! *= scale;
  const picture = { width, height, depth: depth === 16 ? 16 : 8 };
  if (transparency === undefined) return { ...picture, data, channels };
  const nothing = Array.from(
    { length: channels },
    (_, c) => (((transparency[2 * c]! << 8) | transparency[2 * c + 1]!) & most) * scale,
  );
  return { ...picture, data: withAlpha(data, nothing, picture.depth), channels: channels + 1 };
}

/** The colours of a palette, each of red, green and blue, and opacity where some are transparent. */
function coloursOf(palette: Uint8Array, opacities: Uint8Array | undefined): number[][] {
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
