/**
 * PNG files. fast-png decodes the pixels; what it would trust a stranger with is looked at first: where chunks begin and
 * end, their checksums, the size of the picture, and how much the compressed pixels grow to.
 */
import fs from 'node:fs';
import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import { FileFormatError, MissingDataError, type Picture } from '../index.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** More pixels than any drawing has. */
const MOST_PIXELS = 2 ** 24;

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

/** First column and row of Adam7's passes, and the steps between their pixels. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const;

/**
 * Reads a picture: grey, RGB, with alpha or a palette, 1 to 16 bits, interlaced or not.
 *
 * @throws {MissingDataError} when the file cannot be read
 * @throws {FileFormatError} when it is no PNG, or a damaged one
 */
export function readPng(file: string): Picture {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (cause) {
    throw new MissingDataError(`cannot be read: ${(cause as Error).message}`, { where: file, cause });
  }
  return decodePng(bytes, file);
}

/** The picture in the bytes of a PNG file. See {@link readPng}. */
export function decodePng(bytes: Uint8Array, file: string): Picture {
  const essential = checkChunks(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), file);
  try {
    return toPicture(decode(essential));
  } catch (cause) {
    throw new FileFormatError(`this PNG cannot be decoded: ${(cause as Error).message}`, { file, cause });
  }
}

/** The file without the chunks that say nothing about the pixels. */
function checkChunks(bytes: Buffer, file: string): Buffer {
  const refuse = (problem: string, offset: number): never => { throw new FileFormatError(problem, { file, offset }); };
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) refuse('this is no PNG: the signature is missing', 0);
  const kept: Uint8Array[] = [SIGNATURE];
  const pixels: Uint8Array[] = [];
  let size: number | null = null;
  for (let at = SIGNATURE.length; ;) {
    if (at + FRAME > bytes.length) refuse('the PNG ends before its end chunk', bytes.length);
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (length > bytes.length - at - FRAME) refuse(`a chunk of ${length} bytes goes past the end of the file`, at);
    const end = at + FRAME + length;
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) refuse('the checksum of a chunk is wrong', at);
    const data = bytes.subarray(at + 8, end - 4);
    if ((type === 'IHDR') !== (size === null)) refuse(size === null ? 'the header chunk is missing' : 'there is a second header chunk', at);
    size ??= pixelBytes(data, (problem) => refuse(problem, at));
    if (type === 'IDAT') pixels.push(data);
    if (['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].includes(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  checkPixels(Buffer.concat(pixels), size!, file);
  return Buffer.concat(kept);
}

/** Bytes of the decompressed pixels that a header tells of. */
function pixelBytes(header: Buffer, refuse: (problem: string) => never): number {
  if (header.length !== 13) return refuse(`the header chunk has ${header.length} bytes instead of 13`);
  const [width, height, depth, colourType, interlaced] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8]!, header[9]!, header[12]!];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) return refuse(`a picture of ${width}×${height} is not read (at most ${MOST_PIXELS} pixels)`);
  const kind = COLOUR_TYPES[colourType];
  if (kind === undefined || !kind.depths.includes(depth)) return refuse(`there is no colour type ${colourType} of ${depth} bits`);
  if (interlaced > 1) return refuse(`there is no interlace method ${interlaced}`);
  if (interlaced === 1 && depth < 8) return refuse(`interlaced pictures of ${depth} bits are not read; save it without interlacing`);
  const rows = (columns: number, count: number): number => (columns === 0 ? 0 : count * (1 + Math.ceil((columns * kind.channels * depth) / 8)));
  if (interlaced === 0) return rows(width, height);
  return PASSES.reduce((sum, [x, y, dx, dy]) => sum + rows(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)), 0);
}

function checkPixels(compressed: Uint8Array, size: number, file: string): void {
  let length: number;
  try {
    length = inflateSync(compressed, { maxOutputLength: size }).length;
  } catch (cause) {
    throw new FileFormatError(`the compressed pixels are damaged, or more than the ${size} bytes of the picture: ${(cause as Error).message}`, { file, cause });
  }
  if (length !== size) throw new FileFormatError(`the pixels have ${length} bytes, the picture needs ${size}`, { file });
}

/** As 8 or 16 bits a channel, without a palette. */
function toPicture(png: DecodedPng): Picture {
  const { width, height, depth, channels, data, palette, transparency } = png;
  if (palette !== undefined) return { width, height, data: convertIndexedToRgb(png), channels: palette[0]?.length ?? 3, depth: 8 };
  const wide = depth < 8 ? unpack(data, width, height, depth) : data;
  if (transparency === undefined || transparency.length !== channels) return { width, height, data: wide, channels, depth: depth === 16 ? 16 : 8 };
  return { width, height, data: withAlpha(wide, channels, depth, transparency), channels: channels + 1, depth: depth === 16 ? 16 : 8 };
}

/** Grey pixels of 1, 2 or 4 bits, rows beginning at whole bytes, as bytes from 0 to 255. */
function unpack(packed: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const bit = x * depth;
    return ((packed[y * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & most) * (255 / most);
  });
}

/** Adds an alpha channel: pixels of the one colour that stands for "nothing here" are transparent. */
function withAlpha(data: ArrayLike<number>, channels: number, depth: number, nothing: ArrayLike<number>): Uint16Array {
  const opaque = depth === 16 ? 65_535 : 255;
  const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const result = new Uint16Array((data.length / channels) * (channels + 1));
  for (let pixel = 0; pixel < data.length / channels; pixel++) {
    let same = true;
    for (let c = 0; c < channels; c++) {
      const value = data[pixel * channels + c]!;
      result[pixel * (channels + 1) + c] = value;
      if (value !== nothing[c]! * scale) same = false;
    }
    result[pixel * (channels + 1) + channels] = same ? 0 : opaque;
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
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}
