/*
 * Winograd's minimal filtering F(4×4, 3×3): convolutions with 3×3 kernels and stride 1, by 36 products instead of 144
 * for every 4×4 square of outputs (A. Lavin and S. Gray, arXiv:1509.09308; interpolation points 0, ±1, ±2, ∞).
 *
 *     Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A       d: 6×6 of the input, g: the 3×3 kernel, Y: 4×4 of the output
 *
 * Summed over channels, each of the 36 places is a matrix product of its own. Everything is computed for four images
 * at once, one to a lane, so that the transforms need no shuffles:
 *
 *     1. `interleave`: six rows of four images become rows of vectors, with the border of zeros
 *     2. `spreadInput`: tiles → V [36][panel][C][8]: a column is a tile of an image, 8 columns (2 tiles) to a panel
 *     3. the micro-kernel of the matrix product: M [36][O][columns] = U · V
 *     4. `collectOutput`: M → tiles of Y, from where four lanes go to four images
 *
 * A strip is a row of tiles of four images; a block is as many strips as keep V and M in the second-level cache.
 *
 * The error is a few times that of the direct sum: at most 1e-5 of the largest output was seen, 1e-7 for the direct sum.
 */
import { tile4x8 } from '../gemm/tile';
import { f32x4_madd } from '../simd/vector';

/** Places of a transformed tile. */
const PLACES: i32 = 36;
/** Images worked on together: the lanes of a vector. */
const LANES: i32 = 4;
/** Bytes of V and M together that a block may take: most of the second-level cache. */
const BLOCK_BYTES: i32 = 400_000;
/** Fewest and most columns of a block, in the forward pass and in the gradient of the weight, which sums along them. */
const FORWARD_COLUMNS: i32 = 32;
const WEIGHT_COLUMNS: i32 = 96;
const MAX_COLUMNS: i32 = 128;
/** Parts into which the images of a weight gradient are cut, each summed by itself: what threads share. */
const PARTS: i32 = 8;

// @ts-ignore: decorator
@inline
function tilesOf(length: i32): i32 {
  return (length + 3) >> 2;
}

// @ts-ignore: decorator
@inline
function groupsOf(images: i32): i32 {
  return (images + LANES - 1) / LANES;
}

/** Strips of a block of at least so many columns. */
function stripsOfBlock(channels: i32, outChannels: i32, tilesX: i32, minColumns: i32): i32 {
  const columns = min(max(BLOCK_BYTES / (PLACES * 4 * (channels + outChannels)), minColumns), MAX_COLUMNS);
  return max(columns / (tilesX * LANES), 1);
}

/** Columns of a block, rounded up to whole panels. */
// @ts-ignore: decorator
@inline
function paddedColumns(strips: i32, tilesX: i32): i32 {
  return (strips * tilesX * LANES + 7) & ~7;
}

/** Bytes from one place to the next: odd in cache lines, so that the 36 streams do not meet in one set of the cache. */
// @ts-ignore: decorator
@inline
function placeBytes(rows: i32, columns: i32): usize {
  return <usize>(((rows * columns * 4 + 63) >> 6) | 1) << 6;
}

// ---- One-dimensional transforms. `step`s are in bytes; each element is a vector of four images. ----

/** Six values of an input → six: Bᵀ d. */
// @ts-ignore: decorator
@inline
function transformInput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + fromStep), d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep), d4 = v128.load(from + 4 * fromStep), d5 = v128.load(from + 5 * fromStep);
  const four = f32x4.splat(4), five = f32x4.splat(5);
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
  const a = f32x4.sub(d4, f32x4.mul(four, d2));
  const b = f32x4.sub(d3, f32x4.mul(four, d1));
  v128.store(to + toStep, f32x4.add(a, b));
  v128.store(to + 2 * toStep, f32x4.sub(a, b));
  const c = f32x4.sub(d4, d2);
  const half = f32x4.sub(d3, d1);
  const d = f32x4.add(half, half);
  v128.store(to + 3 * toStep, f32x4.add(c, d));
  v128.store(to + 4 * toStep, f32x4.sub(c, d));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5));
}

/** Six sums of products → four outputs: Aᵀ m. */
// @ts-ignore: decorator
@inline
function transformOutput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
  const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
  const twice34 = f32x4.add(difference34, difference34);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sum12), sum34));
  v128.store(to + toStep, f32x4.add(difference12, twice34));
  v128.store(to + 2 * toStep, f32x4.add(sum12, f32x4.mul(f32x4.splat(4), sum34)));
  v128.store(to + 3 * toStep, f32x4.add(f32x4.add(difference12, f32x4.mul(f32x4.splat(4), twice34)), v128.load(from + 5 * fromStep)));
}

/** Four values of an output's gradient → six: A y. */
// @ts-ignore: decorator
@inline
function transformGradient(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from), y1 = v128.load(from + fromStep), y2 = v128.load(from + 2 * fromStep), y3 = v128.load(from + 3 * fromStep);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  const even4 = f32x4.add(y0, f32x4.mul(f32x4.splat(4), y2));
  const odd2 = f32x4.mul(f32x4.splat(2), f32x4.add(y1, f32x4.mul(f32x4.splat(4), y3)));
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even4, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even4, odd2));
  v128.store(to + 5 * toStep, y3);
}

// ---- Between images and rows of vectors. ----

/**
 * Rows [y, y + rows) and columns [−left, columns − left) of one channel of four images, one vector of four images to
 * each place; zeros outside. `image` is that channel of the first image, `lanes` how many images there are.
 */
function interleave(to: usize, image: usize, imageStep: usize, lanes: i32, height: i32, width: i32, y: i32, rows: i32, left: i32, columns: i32): void {
  const zero = f32x4.splat(0);
  const rowBytes = <usize>columns << 4;
  // Columns [first, last) of the row of vectors lie inside the image.
  const first = max(left, 0);
  const last = max(min(columns, width + left), first);
  for (const end = y + rows; y < end; y++, to += rowBytes) {
    if (y < 0 || y >= height) {
      for (let at: usize = 0; at < rowBytes; at += 16) v128.store(to + at, zero);
      continue;
    }
    let at = to;
    for (const inside = to + (<usize>first << 4); at < inside; at += 16) v128.store(at, zero);
    const row = image + (<usize>(y * width + first - left) << 2);
    let column = first;
    if (lanes == LANES) {
      let p0 = row, p1 = row + imageStep, p2 = row + 2 * imageStep, p3 = row + 3 * imageStep;
      for (; column + 4 <= last; column += 4, at += 64, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
        const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
        const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(at, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(at, v128.shuffle<f64>(low01, low23, 1, 3), 16);
        v128.store(at, v128.shuffle<f64>(high01, high23, 0, 2), 32);
        v128.store(at, v128.shuffle<f64>(high01, high23, 1, 3), 48);
      }
      for (; column < last; column++, at += 16, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
        store<f32>(at, load<f32>(p0));
        store<f32>(at, load<f32>(p1), 4);
        store<f32>(at, load<f32>(p2), 8);
        store<f32>(at, load<f32>(p3), 12);
      }
    } else {
      for (let from = row; column < last; column++, at += 16, from += 4) {
        v128.store(at, zero);
        for (let lane = 0; lane < lanes; lane++) store<f32>(at + (<usize>lane << 2), load<f32>(from + <usize>lane * imageStep));
      }
    }
    for (const end = to + rowBytes; at < end; at += 16) v128.store(at, zero);
  }
}

/** Writes four rows of four vectors to the same square of four images, as far as it lies inside. `image`: its corner in the first. */
function deinterleave(image: usize, imageStep: usize, lanes: i32, width: i32, from: usize, rows: i32, columns: i32): void {
  const step = <usize>width << 2;
  if (lanes == LANES && columns >= 4) {
    for (let row = 0; row < rows; row++, from += 64, image += step) {
      const c0 = v128.load(from), c1 = v128.load(from, 16), c2 = v128.load(from, 32), c3 = v128.load(from, 48);
      const low01 = v128.shuffle<f32>(c0, c1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(c0, c1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(c2, c3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c2, c3, 2, 6, 3, 7);
      v128.store(image, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(image + imageStep, v128.shuffle<f64>(low01, low23, 1, 3));
      v128.store(image + 2 * imageStep, v128.shuffle<f64>(high01, high23, 0, 2));
      v128.store(image + 3 * imageStep, v128.shuffle<f64>(high01, high23, 1, 3));
    }
    return;
  }
  for (let row = 0; row < rows; row++, from += 64, image += step) {
    for (let column: usize = 0; column < <usize>min(columns, 4); column++) {
      for (let lane: usize = 0; lane < <usize>lanes; lane++) store<f32>(image + lane * imageStep + (column << 2), load<f32>(from + (column << 4) + (lane << 2)));
    }
  }
}

// ---- Kernels ----

/** Floats of U, the transformed kernels of `outChannels` × `channels`. */
export function f32_winograd_filters_size(outChannels: i32, channels: i32): i32 {
  return PLACES * ((outChannels + 3) & ~3) * channels;
}

/**
 * U = G g Gᵀ for all pairs of channels, in panels for the micro-kernel: U [36][outputs / 4][inputs][4].
 *
 * weight [O,I,3,3]. With `backward` for the gradient of the input: outputs are the I, inputs the O, and g is turned by 180°.
 */
export function f32_winograd_filters(u: usize, weight: usize, outputs: i32, inputs: i32, backward: bool): void {
  const padded = (outputs + 3) & ~3;
  const place = <usize>(padded * inputs) << 2;
  for (let o = 0; o < padded; o++) {
    for (let i = 0; i < inputs; i++) {
      const to = u + (<usize>((o >> 2) * inputs * 4 + i * 4 + (o & 3)) << 2);
      if (o < outputs) transformFilter(to, place, weight + <usize>(backward ? i * outputs + o : o * inputs + i) * 36, backward);
      else for (let at: usize = 0; at < <usize>PLACES; at++) store<f32>(to + at * place, 0);
    }
  }
}

function transformFilter(to: usize, place: usize, g: usize, turned: bool): void {
  // G g, a row of the 6×3 result at a time, then times Gᵀ.
  for (let row: usize = 0; row < 6; row++) {
    const a = filterRow(row, load<f32>(g, 0), load<f32>(g, 12), load<f32>(g, 24), turned);
    const b = filterRow(row, load<f32>(g, 4), load<f32>(g, 16), load<f32>(g, 28), turned);
    const c = filterRow(row, load<f32>(g, 8), load<f32>(g, 20), load<f32>(g, 32), turned);
    for (let column: usize = 0; column < 6; column++) store<f32>(to + (row * 6 + column) * place, filterRow(column, a, b, c, turned));
  }
}

/** Row `row` of G times (a, b, c), or (c, b, a) when `turned`. */
function filterRow(row: usize, a: f32, b: f32, c: f32, turned: bool): f32 {
  if (turned) { const swap = a; a = c; c = swap; }
  if (row == 0) return a * 0.25;
  if (row == 5) return c;
  if (row == 1) return -(a + b + c) * <f32>(1.0 / 6.0);
  if (row == 2) return -(a - b + c) * <f32>(1.0 / 6.0);
  if (row == 3) return (a + 2 * b + 4 * c) * <f32>(1.0 / 24.0);
  return (a - 2 * b + 4 * c) * <f32>(1.0 / 24.0);
}

/** Number of groups of four images: what `f32_winograd_forward` shares. */
export function f32_winograd_groups(images: i32): i32 {
  return groupsOf(images);
}

/** Floats of scratch that `f32_winograd_forward` needs. */
export function f32_winograd_forward_scratch(channels: i32, outChannels: i32, outWidth: i32): i32 {
  const tilesX = tilesOf(outWidth);
  const columns = paddedColumns(stripsOfBlock(channels, outChannels, tilesX, FORWARD_COLUMNS), tilesX);
  const padded = (outChannels + 3) & ~3;
  return 8 + 2 * 6 * (tilesX * 4 + 2) * LANES + 24 * LANES + 16 * LANES + PLACES * <i32>(placeBytes(channels, columns) + placeBytes(padded, columns)) / 4;
}

/**
 * Convolution with 3×3 kernels and stride 1, groups [begin, end) of four images.
 *
 *     y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n,c,i + u − top,j + v − left]
 *
 * x [images, channels, height, width], y [images, outChannels, outHeight, outWidth], bias [outChannels] or address 0.
 * y is overwritten and overlaps nothing.
 *
 * @param u the kernels, from `f32_winograd_filters`
 * @param scratch `f32_winograd_forward_scratch(…)` floats
 * @work (end - begin) * outChannels * channels * outHeight * outWidth * 3
 */
export function f32_winograd_forward(
  y: usize, x: usize, u: usize, bias: usize, scratch: usize, images: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(channels, outChannels, tilesX, FORWARD_COLUMNS);
  const columns = paddedColumns(strips, tilesX);
  const padded = (outChannels + 3) & ~3;
  const rowColumns = tilesX * 4 + 2;
  const zeros = scratch;
  const rows = zeros + 32;
  const vertical = rows + <usize>(6 * rowColumns) * 16;
  const half = vertical + <usize>(6 * rowColumns) * 16;
  const square = half + 24 * 16;
  const v = square + 16 * 16;
  const vPlace = placeBytes(channels, columns);
  const m = v + <usize>PLACES * vPlace;
  const mPlace = placeBytes(padded, columns);
  const uPlace = <usize>(padded * channels) << 2;
  v128.store(zeros, f32x4.splat(0));
  v128.store(zeros, f32x4.splat(0), 16);
  // A block may end in the middle of a panel: what lies there is computed along, and must be numbers.
  memory.fill(v, 0, <usize>PLACES * vPlace);

  const lastStrip = end * tilesY;
  for (let strip = begin * tilesY; strip < lastStrip; strip += strips) {
    const count = min(strips, lastStrip - strip);
    for (let s = 0; s < count; s++) {
      const group = (strip + s) / tilesY;
      const y0 = (strip + s) % tilesY * 4 - top;
      const imageStep = <usize>(channels * height * width) << 2;
      const lanes = min(images - group * LANES, LANES);
      let image = x + <usize>(group * LANES) * imageStep;
      for (let c = 0; c < channels; c++, image += <usize>(height * width) << 2) {
        interleave(rows, image, imageStep, lanes, height, width, y0, 6, left, rowColumns);
        spreadInput(v, vPlace, rows, vertical, c, channels, s * tilesX, tilesX);
      }
    }
    const usedColumns = paddedColumns(count, tilesX);
    for (let place = 0; place < PLACES; place++) {
      multiplyPlace(m + <usize>place * mPlace, u + <usize>place * uPlace, v + <usize>place * vPlace, zeros, padded, channels, columns, usedColumns);
    }
    for (let s = 0; s < count; s++) {
      const group = (strip + s) / tilesY;
      const y0 = (strip + s) % tilesY * 4;
      const imageStep = <usize>(outChannels * outHeight * outWidth) << 2;
      const lanes = min(images - group * LANES, LANES);
      let image = y + <usize>(group * LANES) * imageStep + (<usize>(y0 * outWidth) << 2);
      for (let o = 0; o < outChannels; o++, image += <usize>(outHeight * outWidth) << 2) {
        const start = f32x4.splat(bias != 0 ? load<f32>(bias + (<usize>o << 2)) : 0);
        const from = m + (<usize>(o * columns + s * tilesX * LANES) << 2);
        for (let tile = 0; tile < tilesX; tile++) {
          collectOutput(square, half, from + (<usize>tile << 4), mPlace, start);
          deinterleave(image + (<usize>tile << 4), imageStep, lanes, outWidth, square, min(outHeight - y0, 4), outWidth - tile * 4);
        }
      }
    }
  }
}

/** M [outputs, columns] of one place: all its panels. */
function multiplyPlace(m: usize, u: usize, v: usize, zeros: usize, outputs: i32, channels: i32, columns: i32, usedColumns: i32): void {
  const step = <usize>columns << 2;
  const panelV = <usize>channels << 5;
  const panelU = <usize>channels << 4;
  for (let column = 0; column < usedColumns; column += 8, v += panelV) {
    let from = u;
    let to = m + (<usize>column << 2);
    for (let o = 0; o < outputs; o += 4, from += panelU, to += step << 2) tile4x8(to, step, zeros, 0, from, v, channels);
  }
}

/** Six interleaved rows of channel c → its place in V for a strip of tiles, the first of them number `firstTile` of the block. */
function spreadInput(v: usize, vPlace: usize, rows: usize, vertical: usize, c: i32, channels: i32, firstTile: i32, tiles: i32): void {
  const rowBytes = <usize>(tiles * 4 + 2) << 4;
  for (let at: usize = 0; at < rowBytes; at += 16) transformInput(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++) {
    const column = firstTile + tile;
    // Two tiles make a panel [channels][8].
    const to = v + (<usize>((column >> 1) * channels * 8 + c * 8 + (column & 1) * 4) << 2);
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformInput(from, 16, to + row * 6 * vPlace, vPlace);
  }
}

/** The 36 sums of one tile → its square of 4×4 outputs. `half` holds 24 vectors in between. */
// @ts-ignore: decorator
@inline
function collectOutput(square: usize, half: usize, from: usize, place: usize, start: v128): void {
  for (let column: usize = 0; column < 6; column++) transformOutput(from + column * place, 6 * place, half + (column << 4), 96);
  for (let row: usize = 0; row < 4; row++) {
    transformOutput(half + row * 96, 16, square + (row << 6), 16);
  }
  for (let at: usize = 0; at < 256; at += 16) v128.store(square + at, f32x4.add(v128.load(square + at), start));
}

/** Number of parts that `f32_winograd_backward_weight` sums by themselves: what it shares. */
export function f32_winograd_parts(images: i32): i32 {
  return min(groupsOf(images), PARTS);
}

/** Floats that all parts take. */
export function f32_winograd_parts_size(images: i32, outChannels: i32, channels: i32): i32 {
  return f32_winograd_parts(images) * PLACES * outChannels * ((channels + 3) & ~3);
}

/** Floats of scratch that `f32_winograd_backward_weight` needs. */
export function f32_winograd_backward_weight_scratch(channels: i32, outChannels: i32, outWidth: i32): i32 {
  const tilesX = tilesOf(outWidth);
  const columns = stripsOfBlock(channels, outChannels, tilesX, WEIGHT_COLUMNS) * tilesX * LANES;
  return 2 * 6 * (tilesX * 4 + 2) * LANES + PLACES * <i32>(placeBytes((channels + 3) & ~3, columns) + placeBytes((outChannels + 1) & ~1, columns)) / 4;
}

/**
 * Gradient of such a convolution with respect to its kernels, before the last transform: parts [begin, end).
 *
 *     part[k][36][O][C'] = Σ_n (A dy Aᵀ) ⊙ (Bᵀ x B) over the images n of part k;   C' = channels rounded up to 4
 *
 * The parts, and the order within, are the same however they are shared out. `f32_winograd_filters_backward` adds them.
 *
 * @param scratch `f32_winograd_backward_weight_scratch(…)` floats
 * @work (end - begin) * images * outChannels * channels * outHeight * outWidth / 10
 */
export function f32_winograd_backward_weight(
  parts: usize, dy: usize, x: usize, scratch: usize, images: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(channels, outChannels, tilesX, WEIGHT_COLUMNS);
  const columns = strips * tilesX * LANES;
  const paddedChannels = (channels + 3) & ~3;
  const paddedOutputs = (outChannels + 1) & ~1;
  const rowColumns = tilesX * 4 + 2;
  const rows = scratch;
  const vertical = rows + <usize>(6 * rowColumns) * 16;
  const v = vertical + <usize>(6 * rowColumns) * 16;
  const vPlace = placeBytes(paddedChannels, columns);
  const p = v + <usize>PLACES * vPlace;
  const pPlace = placeBytes(paddedOutputs, columns);
  const partBytes = <usize>(PLACES * outChannels * paddedChannels) << 2;
  const groups = groupsOf(images);
  const partCount = f32_winograd_parts(images);
  // The channels that only fill up a tile of the sum stay zeros.
  memory.fill(v, 0, <usize>PLACES * (vPlace + pPlace));
  memory.fill(parts + <usize>begin * partBytes, 0, <usize>(end - begin) * partBytes);

  for (let part = begin; part < end; part++) {
    const lastStrip = groups * (part + 1) / partCount * tilesY;
    for (let strip = groups * part / partCount * tilesY; strip < lastStrip; strip += strips) {
      const count = min(strips, lastStrip - strip);
      for (let s = 0; s < count; s++) {
        const group = (strip + s) / tilesY;
        const y0 = (strip + s) % tilesY * 4;
        const lanes = min(images - group * LANES, LANES);
        const first = s * tilesX * LANES;
        const imageStep = <usize>(channels * height * width) << 2;
        let image = x + <usize>(group * LANES) * imageStep;
        for (let c = 0; c < channels; c++, image += <usize>(height * width) << 2) {
          interleave(rows, image, imageStep, lanes, height, width, y0 - top, 6, left, rowColumns);
          planesOfInput(v + (<usize>(c * columns + first) << 2), vPlace, rows, vertical, tilesX);
        }
        const gradientStep = <usize>(outChannels * outHeight * outWidth) << 2;
        let gradient = dy + <usize>(group * LANES) * gradientStep;
        for (let o = 0; o < outChannels; o++, gradient += <usize>(outHeight * outWidth) << 2) {
          interleave(rows, gradient, gradientStep, lanes, outHeight, outWidth, y0, 4, 0, tilesX * 4);
          planesOfGradient(p + (<usize>(o * columns + first) << 2), pPlace, rows, vertical, tilesX);
        }
      }
      const vectors = count * tilesX;
      for (let place = 0; place < PLACES; place++) {
        addProducts(
          parts + <usize>part * partBytes + <usize>(place * outChannels * paddedChannels) * 4,
          p + <usize>place * pPlace, v + <usize>place * vPlace, <usize>columns << 2, outChannels, paddedChannels, vectors);
      }
    }
  }
}

/** Six interleaved rows → the 36 planes of a strip, a vector to each tile. */
function planesOfInput(v: usize, vPlace: usize, rows: usize, vertical: usize, tiles: i32): void {
  const rowBytes = <usize>(tiles * 4 + 2) << 4;
  for (let at: usize = 0; at < rowBytes; at += 16) transformInput(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++, v += 16) {
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformInput(from, 16, v + row * 6 * vPlace, vPlace);
  }
}

/** Four interleaved rows of a gradient → the 36 planes of a strip. */
function planesOfGradient(p: usize, pPlace: usize, rows: usize, vertical: usize, tiles: i32): void {
  const rowBytes = <usize>tiles << 6;
  for (let at: usize = 0; at < rowBytes; at += 16) transformGradient(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++, p += 16) {
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformGradient(from, 16, p + row * 6 * pPlace, pPlace);
  }
}

/** sum[o][c] += Σ p[o]·v[c] over `vectors` vectors, for all pairs: two rows and four columns at once. */
function addProducts(sum: usize, p: usize, v: usize, step: usize, outputs: i32, channels: i32, vectors: i32): void {
  const row = <usize>channels << 2;
  for (let o = 0; o < outputs; o += 2, p += 2 * step, sum += 2 * row) {
    let from = v;
    for (let c: usize = 0; c < row; c += 16, from += 4 * step) products2x4(sum + c, o + 1 < outputs ? row : 0, p, from, step, vectors);
  }
}

/** A row step of 0: there is only one row. */
function products2x4(sum: usize, rowStep: usize, p: usize, v: usize, step: usize, vectors: i32): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  const p1 = p + step;
  const v1 = v + step, v2 = v + 2 * step, v3 = v + 3 * step;
  const end = <usize>vectors << 4;
  let at: usize = 0;
  do {
    const a = v128.load(p + at), b = v128.load(p1 + at);
    const c = v128.load(v + at), d = v128.load(v1 + at);
    s00 = f32x4_madd(a, c, s00);
    s10 = f32x4_madd(b, c, s10);
    s01 = f32x4_madd(a, d, s01);
    s11 = f32x4_madd(b, d, s11);
    const e = v128.load(v2 + at), f = v128.load(v3 + at);
    s02 = f32x4_madd(a, e, s02);
    s12 = f32x4_madd(b, e, s12);
    s03 = f32x4_madd(a, f, s03);
    s13 = f32x4_madd(b, f, s13);
    at += 16;
  } while (at != end);
  v128.store(sum, f32x4.add(v128.load(sum), sumsOf(s00, s01, s02, s03)));
  if (rowStep != 0) v128.store(sum + rowStep, f32x4.add(v128.load(sum + rowStep), sumsOf(s10, s11, s12, s13)));
}

/** The sums over the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
}

/**
 * dWeight [O,C,3,3] = Gᵀ (Σ parts) G, output channels [begin, end).
 *
 * @work (end - begin) * channels * 300
 */
export function f32_winograd_filters_backward(dWeight: usize, parts: usize, images: i32, outChannels: i32, channels: i32, begin: i32, end: i32): void {
  const padded = (channels + 3) & ~3;
  const place = <usize>(outChannels * padded) << 2;
  const partCount = f32_winograd_parts(images);
  for (let o = begin; o < end; o++) {
    for (let c = 0; c < channels; c += 4) {
      const to = dWeight + <usize>(o * channels + c) * 36;
      fourFilters(to, parts + (<usize>(o * padded + c) << 2), place, partCount, min(channels - c, 4));
    }
  }
}

/** The kernels of up to four neighbouring input channels, one to a lane. */
function fourFilters(to: usize, from: usize, place: usize, partCount: i32, lanes: i32): void {
  for (let u: usize = 0; u < 3; u++) {
    let t0 = f32x4.splat(0), t1 = t0, t2 = t0;
    for (let column: usize = 0; column < 6; column++) {
      // One element of Gᵀ (Σ parts), row u.
      let sum = f32x4.splat(0);
      for (let row: usize = 0; row < 6; row++) {
        const weight = filterWeight(row, u);
        if (weight == 0) continue;
        let total = f32x4.splat(0);
        let at = from + (row * 6 + column) * place;
        for (let part = 0; part < partCount; part++, at += <usize>PLACES * place) total = f32x4.add(total, v128.load(at));
        sum = f32x4.add(sum, f32x4.mul(total, f32x4.splat(weight)));
      }
      t0 = f32x4.add(t0, f32x4.mul(sum, f32x4.splat(filterWeight(column, 0))));
      t1 = f32x4.add(t1, f32x4.mul(sum, f32x4.splat(filterWeight(column, 1))));
      t2 = f32x4.add(t2, f32x4.mul(sum, f32x4.splat(filterWeight(column, 2))));
    }
    storeLanes(to + u * 12, t0, lanes);
    storeLanes(to + u * 12 + 4, t1, lanes);
    storeLanes(to + u * 12 + 8, t2, lanes);
  }
}

/** Lane l to the same tap of kernel l. */
// @ts-ignore: decorator
@inline
function storeLanes(to: usize, values: v128, lanes: i32): void {
  store<f32>(to, f32x4.extract_lane(values, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(values, 1), 36);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(values, 2), 72);
  if (lanes > 3) store<f32>(to, f32x4.extract_lane(values, 3), 108);
}

/** Element of G. */
function filterWeight(row: usize, column: usize): f32 {
  return filterRow(row, <f32>(column == 0), <f32>(column == 1), <f32>(column == 2), false);
}
