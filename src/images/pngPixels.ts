/** From the decompressed rows of a PNG to its samples: filters, interlacing and packed bits are undone. */

/** Samples of at most 8 bits, or of 16. */
export type PixelData = Uint8Array | Uint16Array;

/** What decides how rows are laid out. */
export interface PixelLayout {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly channels: number;
  readonly interlaced: boolean;
}

/** A pass over the picture: where its pixels are, and how many there are. */
export interface Pass {
  readonly left: number;
  readonly top: number;
  readonly dx: number;
  readonly dy: number;
  readonly columns: number;
  readonly rows: number;
}

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

/** The passes in which the pixels are stored. Those without a pixel are left out. */
export function passesOf({ width, height, interlaced }: PixelLayout): Pass[] {
  const along = (length: number, first: number, step: number): number => Math.ceil(Math.max(0, length - first) / step);
  return (interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const))
    .map(([left, top, dx, dy]) => ({
      left,
      top,
      dx,
      dy,
      columns: along(width, left, dx),
      rows: along(height, top, dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** Bytes of a row, without its filter. */
export function rowBytes(columns: number, { channels, depth }: PixelLayout): number {
  return Math.ceil((columns * channels * depth) / 8);
}

/**
 * The samples row by row, the channels of a pixel side by side, as they are stored (not scaled).
 *
 * @param rows those of all passes, each after its filter; they are overwritten
 * @throws {Error} when a row has a filter that there is not
 */
export function samplesOf(rows: Uint8Array, layout: PixelLayout): PixelData {
  const { width, height, depth, channels } = layout;
  const result = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * channels);
  const pixelBytes = Math.max(1, (channels * depth) >> 3);
  let at = 0;
  for (const pass of passesOf(layout)) {
    const length = rowBytes(pass.columns, layout);
    let above: Uint8Array = new Uint8Array(length);
    for (let r = 0; r < pass.rows; r++, at += 1 + length) {
      const row = rows.subarray(at + 1, at + 1 + length);
      unfilter(rows[at]!, row, above, pixelBytes);
      above = row;
      place(row, result, pass, r, layout);
    }
  }
  return result;
}

/** Undoes the filter of a row in place. @param bytes of a pixel, at least 1 */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, bytes: number): void {
  const { length } = row;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = bytes; i < length; i++) row[i]! += row[i - bytes]!;
      return;
    case 2:
      for (let i = 0; i < length; i++) row[i]! += above[i]!;
      return;
    case 3:
      for (let i = 0; i < bytes && i < length; i++) row[i]! += above[i]! >> 1;
      for (let i = bytes; i < length; i++) row[i]! += (row[i - bytes]! + above[i]!) >> 1;
      return;
    case 4:
      for (let i = 0; i < bytes && i < length; i++) row[i]! += above[i]!;
      for (let i = bytes; i < length; i++) row[i]! += paeth(row[i - bytes]!, above[i]!, above[i - bytes]!);
      return;
    default:
      throw new Error(`there is no filter ${filter}`);
  }
}

/** Which of the pixels to the left, above, and above to the left is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Writes the samples of a row of a pass where they belong in the picture. */
function place(row: Uint8Array, result: PixelData, pass: Pass, r: number, layout: PixelLayout): void {
  const { width, channels, depth } = layout;
  const { left, top, dx, dy, columns } = pass;
  let to = ((top + r * dy) * width + left) * channels;
  if (depth === 8 && dx === 1) {
    result.set(row, to);
    return;
  }
  const step = (dx - 1) * channels;
  const most = 2 ** depth - 1;
  let at = 0;
  for (let x = 0; x < columns; x++, to += step) {
    for (let c = 0; c < channels; c++, at++) {
      if (depth === 8) result[to++] = row[at]!;
      else if (depth === 16) result[to++] = (row[2 * at]! << 8) | row[2 * at + 1]!;
      else result[to++] = (row[(at * depth) >> 3]! >> (8 - depth - ((at * depth) & 7))) & most;
    }
  }
}
