// Moving elements without changing them. x32 and x8: any element type of 32 or 8 bits.
//
// The axes to walk stand in memory as a table, outermost first, three i32 each: size, stride in out, stride in inp.
// Strides are in elements; 0 repeats an element, a negative one walks backwards.

import { assertShare, assertSizes, assertWords } from '../assert';
import { transpose4 } from '../simd/transpose';

const AXIS: usize = 12;

/**
 * out[Σ index·outStride] = inp[Σ index·inStride], for every index whose first component is in [begin, end).
 * `axes` is a table of `rank` ≥ 1 axes as above, `inner` the number of elements of all but the first. out and inp must
 * not overlap, nor out with itself.
 * @work (end - begin) * inner
 */
export function x32_copy(out: usize, inp: usize, axes: usize, rank: i32, inner: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(out | inp | axes);
  assertSizes(rank | inner);
  copyAxes<u32>(out, inp, axes, rank, begin, end);
}

/**
 * The same for elements of 8 bits.
 * @work (end - begin) * inner
 */
export function x8_copy(out: usize, inp: usize, axes: usize, rank: i32, inner: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(axes);
  assertSizes(rank | inner);
  copyAxes<u8>(out, inp, axes, rank, begin, end);
}

function copyAxes<T>(out: usize, inp: usize, axes: usize, rank: i32, begin: i32, end: i32): void {
  const outStride = <usize>load<i32>(axes, 4) * sizeof<T>();
  const inpStride = <usize>load<i32>(axes, 8) * sizeof<T>();
  const outFirst = out + <usize>begin * outStride;
  const inpFirst = inp + <usize>begin * inpStride;
  const count = end - begin;
  const next = axes + AXIS;
  if (rank == 1) {
    copyRow<T>(outFirst, inpFirst, count, outStride, inpStride);
  } else if (sizeof<T>() == 4 && rank == 2 && inpStride == sizeof<T>() && load<i32>(next, 4) == 1) {
    transposeTiles(outFirst, inpFirst, count, load<i32>(next), outStride, <usize>load<i32>(next, 8) << 2);
  } else {
    const size = load<i32>(next);
    for (let i = 0; i < count; i++) {
      copyAxes<T>(outFirst + <usize>i * outStride, inpFirst + <usize>i * inpStride, next, rank - 1, 0, size);
    }
  }
}

/** `count` elements; strides in bytes. */
@inline
function copyRow<T>(out: usize, inp: usize, count: i32, outStride: usize, inpStride: usize): void {
  let o = out;
  let i = inp;
  if (outStride == sizeof<T>() && inpStride == sizeof<T>()) {
    const last = out + <usize>count * sizeof<T>();
    for (; o + 16 <= last; o += 16, i += 16) v128.store(o, v128.load(i));
    for (; o < last; o += sizeof<T>(), i += sizeof<T>()) store<T>(o, load<T>(i));
  } else {
    for (let n = 0; n < count; n++, o += outStride, i += inpStride) store<T>(o, load<T>(i));
  }
}

/**
 * out[r, c] = inp[c, r] for r < rows, c < cols; out's rows are `outStride` bytes apart, inp's `inpStride`.
 * Bands of 16 rows: they read whole cache lines of inp. Tiles of 4×4 are turned in registers, edges one by one.
 */
function transposeTiles(out: usize, inp: usize, rows: i32, cols: i32, outStride: usize, inpStride: usize): void {
  for (let band = 0; band < rows; band += 16) {
    const bandEnd = min(band + 16, rows);
    let c = 0;
    for (; c + 4 <= cols; c += 4) {
      let r = band;
      for (; r + 4 <= bandEnd; r += 4) {
        transpose4(
          out + <usize>r * outStride + (<usize>c << 2), outStride, inp + <usize>c * inpStride + (<usize>r << 2),
          inpStride);
      }
      for (; r < bandEnd; r++) transposeEdge(out, inp, r, c, c + 4, outStride, inpStride);
    }
    for (let r = band; r < bandEnd; r++) transposeEdge(out, inp, r, c, cols, outStride, inpStride);
  }
}

@inline
function transposeEdge(
  out: usize, inp: usize, r: i32, cBegin: i32, cEnd: i32, outStride: usize, inpStride: usize,
): void {
  for (let c = cBegin; c < cEnd; c++) {
    store<u32>(out + <usize>r * outStride + (<usize>c << 2), load<u32>(inp + <usize>c * inpStride + (<usize>r << 2)));
  }
}
