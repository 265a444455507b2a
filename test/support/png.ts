/** PNG files of every kind, written without a library: also those that no library would write. */
import zlib from 'node:zlib';

export const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** First column and row of Adam7's passes, and the steps between their pixels. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export interface PngKind {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced?: boolean;
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(zlib.crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

export function pngHeader({ width, height, depth, colourType, interlaced = false }: PngKind): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  return pngChunk('IHDR', header);
}

/** A file of these chunks, between the signature and the end. */
export const pngOf = (chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([SIGNATURE, ...chunks, pngChunk('IEND', Buffer.alloc(0))]);

/** The compressed rows of a picture, none of them filtered. @param sample the value of channel `c` at (x, y) */
export function pngPixels(kind: PngKind, sample: (x: number, y: number, c: number) => number): Buffer {
  const { width, height, depth, colourType, interlaced = false } = kind;
  const channels = CHANNELS[colourType]!;
  const rows: Buffer[] = [];
  for (const [left, top, dx, dy] of interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil(Math.max(0, width - left) / dx);
    for (let y = top; y < height && columns > 0; y += dy) {
      const row = Buffer.alloc(1 + Math.ceil((columns * channels * depth) / 8));
      for (let i = 0; i < columns * channels; i++) {
        const value = sample(left + Math.floor(i / channels) * dx, y, i % channels);
        if (depth === 16) row.writeUInt16BE(value, 1 + 2 * i);
        else row[1 + ((i * depth) >> 3)]! |= value << (8 - depth - ((i * depth) & 7));
      }
      rows.push(row);
    }
  }
  return zlib.deflateSync(Buffer.concat(rows));
}

/** A whole file. @param extra chunks between the header and the pixels */
export function png(
  kind: PngKind,
  sample: (x: number, y: number, c: number) => number,
  extra: readonly Buffer[] = [],
): Buffer {
  return pngOf([pngHeader(kind), ...extra, pngChunk('IDAT', pngPixels(kind, sample))]);
}
