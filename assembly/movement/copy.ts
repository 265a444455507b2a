// Moving elements without changing them. x32 and x8: any element type of 32 or 8 bits.
//
// The axes to walk stand in memory as a table, outermost first, three i32 each: size, stride in out, stride in inp.
// Strides are in elements; 0 repeats an element, a negative one walks backwards.

const AXIS: usize = 12;

/**
 * out[Σ index·outStride] = inp[Σ index·inStride], for every index whose first component is in [begin, end).
 * `axes` is a table of `rank` ≥ 1 axes as above, `inner` the number of elements of all but the first. out and inp must
 * not overlap, nor out with itself.
 * @work (end - begin) * inner
 */
export function x32_copy(out: usize, inp: usize, axes: usize, rank: i32, inner: i32, begin: i32, end: i32): void {
  copy_axes<u32>(out, inp, axes, rank, begin, end);
}

/**
 * The same for elements of 8 bits.
 * @work (end - begin) * inner
 */
export function x8_copy(out: usize, inp: usize, axes: usize, rank: i32, inner: i32, begin: i32, end: i32): void {
  copy_axes<u8>(out, inp, axes, rank, begin, end);
}

function copy_axes<T>(out: usize, inp: usize, axes: usize, rank: i32, begin: i32, end: i32): void {
  const out_stride = <usize>load<i32>(axes, 4) * sizeof<T>();
  const inp_stride = <usize>load<i32>(axes, 8) * sizeof<T>();
  const out_first = out + <usize>begin * out_stride;
  const inp_first = inp + <usize>begin * inp_stride;
  const count = end - begin;
  const next = axes + AXIS;
  if (rank == 1) {
    copy_row<T>(out_first, inp_first, count, out_stride, inp_stride);
  } else if (sizeof<T>() == 4 && rank == 2 && inp_stride == sizeof<T>() && load<i32>(next, 4) == 1) {
    transpose_tiles(out_first, inp_first, count, load<i32>(next), out_stride, <usize>load<i32>(next, 8) << 2);
  } else {
    const size = load<i32>(next);
    for (let i = 0; i < count; i++) {
      copy_axes<T>(out_first + <usize>i * out_stride, inp_first + <usize>i * inp_stride, next, rank - 1, 0, size);
    }
  }
}

/** `count` elements; strides in bytes. */
@inline
function copy_row<T>(out: usize, inp: usize, count: i32, out_stride: usize, inp_stride: usize): void {
  let o = out;
  let i = inp;
  if (out_stride == sizeof<T>() && inp_stride == sizeof<T>()) {
    const last = out + <usize>count * sizeof<T>();
    for (; o + 16 <= last; o += 16, i += 16) v128.store(o, v128.load(i));
    for (; o < last; o += sizeof<T>(), i += sizeof<T>()) store<T>(o, load<T>(i));
  } else {
    for (let n = 0; n < count; n++, o += out_stride, i += inp_stride) store<T>(o, load<T>(i));
  }
}

/**
 * out[r, c] = inp[c, r] for r < rows, c < cols; out's rows are `out_stride` bytes apart, inp's `inp_stride`.
 * Bands of 16 rows: they read whole cache lines of inp. Tiles of 4×4 are turned in registers, edges one by one.
 */
function transpose_tiles(out: usize, inp: usize, rows: i32, cols: i32, out_stride: usize, inp_stride: usize): void {
  for (let band = 0; band < rows; band += 16) {
    const band_end = min(band + 16, rows);
    let c = 0;
    for (; c + 4 <= cols; c += 4) {
      let r = band;
      for (; r + 4 <= band_end; r += 4) {
        transpose_tile(out + <usize>r * out_stride + (<usize>c << 2), inp + <usize>c * inp_stride + (<usize>r << 2), out_stride, inp_stride);
      }
      for (; r < band_end; r++) transpose_edge(out, inp, r, c, c + 4, out_stride, inp_stride);
    }
    for (let r = band; r < band_end; r++) transpose_edge(out, inp, r, c, cols, out_stride, inp_stride);
  }
}

@inline
function transpose_edge(out: usize, inp: usize, r: i32, c_begin: i32, c_end: i32, out_stride: usize, inp_stride: usize): void {
  for (let c = c_begin; c < c_end; c++) {
    store<u32>(out + <usize>r * out_stride + (<usize>c << 2), load<u32>(inp + <usize>c * inp_stride + (<usize>r << 2)));
  }
}

@inline
function transpose_tile(out: usize, inp: usize, out_stride: usize, inp_stride: usize): void {
  const a = v128.load(inp);
  const b = v128.load(inp + inp_stride);
  const c = v128.load(inp + 2 * inp_stride);
  const d = v128.load(inp + 3 * inp_stride);
  const ab_low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab_high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd_low = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd_high = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab_low, cd_low, 0, 2));
  v128.store(out + out_stride, v128.shuffle<i64>(ab_low, cd_low, 1, 3));
  v128.store(out + 2 * out_stride, v128.shuffle<i64>(ab_high, cd_high, 0, 2));
  v128.store(out + 3 * out_stride, v128.shuffle<i64>(ab_high, cd_high, 1, 3));
}
