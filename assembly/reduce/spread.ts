// One to many: the gradients of folds. dy [outer, inner] → dx [outer, reduce, inner].

/** What one element receives, four at a time. Used through `changetype<Op>(0)`, so that every call is inlined. */
export abstract class Spread {
  /** dx from x (f32x4) and, for the outputs that each lane was folded into, dy, y and aux. */
  abstract at(x: v128, dy: v128, y: v128, aux: v128, arg: f64): v128;
}

/**
 * dx[o, r, i] = at(x[o, r, i], dy[o, i], y[o, i], aux[o, i], arg) for the rows o·reduce + r in [begin, end).
 * y and aux are two more values of each output; where an op needs none, dy stands in.
 */
// @ts-ignore: decorator
@inline
export function spread<Op extends Spread>(
  dx: usize, dy: usize, x: usize, y: usize, aux: usize, reduce: i32, inner: i32, arg: f64, begin: i32, end: i32,
): void {
  const op = changetype<Op>(0);
  if (inner == 1) {
    let row = begin;
    while (row < end) {
      const o = row / reduce;
      const stop = min(end, (o + 1) * reduce);
      const at = <usize>o << 2;
      const g = v128.load32_splat(dy + at);
      const v = v128.load32_splat(y + at);
      const w = v128.load32_splat(aux + at);
      for (; row + 4 <= stop; row += 4) {
        const offset = <usize>row << 2;
        v128.store(dx + offset, op.at(v128.load(x + offset), g, v, w, arg));
      }
      for (; row < stop; row++) {
        const offset = <usize>row << 2;
        v128.store_lane<f32>(dx + offset, op.at(v128.load32_zero(x + offset), g, v, w, arg), 0);
      }
    }
    return;
  }
  const bytes = <usize>inner << 2;
  for (let row = begin; row < end; row++) {
    const o = <usize>(row / reduce) * bytes;
    const out = dx + <usize>row * bytes;
    const inp = x + <usize>row * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) {
      v128.store(
        out + i,
        op.at(v128.load(inp + i), v128.load(dy + o + i), v128.load(y + o + i), v128.load(aux + o + i), arg),
      );
    }
    for (; i < bytes; i += 4) {
      const element = op.at(
        v128.load32_zero(inp + i),
        v128.load32_zero(dy + o + i),
        v128.load32_zero(y + o + i),
        v128.load32_zero(aux + o + i),
        arg,
      );
      v128.store_lane<f32>(out + i, element, 0);
    }
  }
}
