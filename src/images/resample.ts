/**
 * Scales pictures with an antialiased bilinear filter, in integers: the same bytes on every machine, and those of
 * Pillow's `Image.resize(…, Resampling.BILINEAR)`.
 */

/** Pixels row by row, the channels of a pixel side by side. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** A part of a picture: its edges may lie within pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What the pixels of a line are made of. */
interface Weights {
  /** By pixel: the first of those that it is made of, and how many these are. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `most` for each pixel, of which it uses `count`. */
  readonly most: number;
  readonly values: Int32Array;
}

/** Weights are in 1/2²²: 255 of them all fit into 32 bits. */
const BITS = 22;
const UNIT = 2 ** BITS;

/**
 * The weights of a triangle around each new pixel's centre, as wide as two new pixels, or two old ones where these are
 * larger; their sum is 1.
 *
 * @param length of the old line
 * @param start, part where the part of it begins that is scaled, and how long it is
 */
function weightsOf(length: number, start: number, part: number, wanted: number): Weights {
  // Pillow keeps the edges of the part as float32.
  const begin = Math.fround(start);
  const scale = Math.fround(Math.fround(start + part) - begin) / wanted;
  const reach = Math.max(scale, 1);
  const most = 2 * Math.ceil(reach) + 1;
  const first = new Int32Array(wanted);
  const count = new Int32Array(wanted);
  const values = new Int32Array(wanted * most);
  const shares = new Float64Array(most);
  for (let x = 0; x < wanted; x++) {
    const centre = begin + (x + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const to = Math.min(length, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let i = from; i < to; i++) {
      const share = Math.max(0, 1 - Math.abs((i - centre + 0.5) / reach));
      shares[i - from] = share;
      sum += share;
    }
    for (let i = 0; i < to - from; i++) values[x * most + i] = Math.trunc(0.5 + (shares[i]! / sum) * UNIT);
    first[x] = from;
    count[x] = to - from;
  }
  return { first, count, most, values };
}

/** The part of a picture in `box`, scaled to a size: first along the rows, then along the columns. */
export function resample(source: Pixels, box: Box, width: number, height: number): Pixels {
  const { channels } = source;
  const down = weightsOf(source.height, box.top, box.height, height);
  const [top, bottom] = [down.first[0]!, down.first[height - 1]! + down.count[height - 1]!];
  const rows = alongRows(source, weightsOf(source.width, box.left, box.width, width), top, bottom);
  const data = new Uint8Array(width * height * channels);
  const length = width * channels;
  const sums = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    sums.fill(UNIT / 2);
    for (let i = 0; i < down.count[y]!; i++) {
      const weight = down.values[y * down.most + i]!;
      const at = (down.first[y]! + i - top) * length;
      for (let x = 0; x < length; x++) sums[x]! += rows[at + x]! * weight;
    }
    for (let x = 0; x < length; x++) data[y * length + x] = Math.min(255, sums[x]! >> BITS);
  }
  return { width, height, channels, data };
}

/** Rows `top` to `bottom`, scaled along x. */
function alongRows({ width, channels, data }: Pixels, across: Weights, top: number, bottom: number): Uint8Array {
  const columns = across.first.length;
  const result = new Uint8Array((bottom - top) * columns * channels);
  let to = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < columns; x++) {
      const start = (y * width + across.first[x]!) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = UNIT / 2;
        for (let i = 0, at = start + c, w = x * across.most; i < across.count[x]!; i++, at += channels, w++) {
          sum += data[at]! * across.values[w]!;
        }
        result[to++] = Math.min(255, sum >> BITS);
      }
    }
  }
  return result;
}
