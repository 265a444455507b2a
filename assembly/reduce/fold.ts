// Many to one: x [outer, reduce, inner] → y [outer, inner].
import { f64x2_from_high, f64x2_from_low } from '../simd/vector';

/**
 * How elements are folded into one. Accumulators are f64x2: a float32 sum of a million terms is as exact as its
 * rounding. Subclasses are used through `changetype<Op>(0)`, so that every call is inlined.
 */
export abstract class Fold {
  /** The accumulator of no elements, in each lane. */
  abstract start(): v128;
  /** Two more elements x (f64x2), one in each lane; p is the parameter of each lane's output. */
  abstract step(total: v128, x: v128, p: v128): v128;
  /** Of two accumulators. */
  abstract merge(a: v128, b: v128): v128;
  /** The output from its accumulator. */
  abstract finish(total: f64, arg: f64): f64;
  /** The parameter of output o. */
  abstract parameter(params: usize, o: usize, arg: f64): f64;
}

/** Folds that add up. (A method that a subclass overrides is not inlined: what differs stays abstract.) */
export abstract class Additive extends Fold {
  @inline start(): v128 { return f64x2.splat(0); }
  @inline merge(a: v128, b: v128): v128 { return f64x2.add(a, b); }
}

/**
 * y[o, i] = finish(x[o, 0, i] ∘ x[o, 1, i] ∘ … , arg), of type Out, for the outputs o·inner + i in [begin, end).
 *
 * Order: where inner = 1, element r of the whole eights goes to accumulator r mod 8, what is left to the first, and
 * they are merged pairwise; else one accumulator takes all in turn. Neither depends on [begin, end).
 */
// @ts-ignore: decorator
@inline
export function fold<Op extends Fold, Out>(
  y: usize, x: usize, params: usize, reduce: i32, inner: i32, arg: f64, begin: i32, end: i32,
): void {
  const op = changetype<Op>(0);
  if (inner == 1) {
    const rowBytes = <usize>reduce << 2;
    let row = x + <usize>begin * rowBytes;
    for (let o = <usize>begin; o < <usize>end; o++, row += rowBytes) {
      const total = foldRow<Op>(row, rowBytes, op.parameter(params, o, arg));
      store<Out>(y + o * sizeof<Out>(), <Out>op.finish(total, arg));
    }
    return;
  }
  let o = begin;
  while (o < end) {
    const block = o / inner;
    const first = block * inner;
    const stop = min(end, first + inner);
    const base = x + ((<usize>first * <usize>reduce) << 2);
    for (; o + 8 <= stop; o += 8) {
      foldColumns<Op, Out>(y, base + (<usize>(o - first) << 2), params, o, reduce, inner, arg);
    }
    for (; o < stop; o++) foldColumn<Op, Out>(y, base + (<usize>(o - first) << 2), params, o, reduce, inner, arg);
  }
}

/** One contiguous row. */
// @ts-ignore: decorator
@inline
function foldRow<Op extends Fold>(x: usize, bytes: usize, parameter: f64): f64 {
  const op = changetype<Op>(0);
  const p = f64x2.splat(parameter);
  const last = x + bytes;
  let a = op.start();
  let b = op.start();
  let c = op.start();
  let d = op.start();
  let at = x;
  for (; at + 32 <= last; at += 32) {
    const u = v128.load(at);
    const v = v128.load(at, 16);
    a = op.step(a, f64x2_from_low(u), p);
    b = op.step(b, f64x2_from_high(u), p);
    c = op.step(c, f64x2_from_low(v), p);
    d = op.step(d, f64x2_from_high(v), p);
  }
  for (; at < last; at += 4) {
    const next = op.step(a, f64x2.splat(<f64>load<f32>(at)), p);
    a = f64x2.replace_lane(a, 0, f64x2.extract_lane(next, 0));
  }
  const total = op.merge(op.merge(a, b), op.merge(c, d));
  return f64x2.extract_lane(op.merge(total, v128.shuffle<i64>(total, total, 1, 0)), 0);
}

/** Eight neighbouring columns. */
// @ts-ignore: decorator
@inline
function foldColumns<Op extends Fold, Out>(
  y: usize, x: usize, params: usize, o: i32, reduce: i32, inner: i32, arg: f64,
): void {
  const op = changetype<Op>(0);
  const p = parameters<Op>(params, o, arg);
  const q = parameters<Op>(params, o + 2, arg);
  const r = parameters<Op>(params, o + 4, arg);
  const s = parameters<Op>(params, o + 6, arg);
  const stride = <usize>inner << 2;
  let a = op.start();
  let b = op.start();
  let c = op.start();
  let d = op.start();
  let at = x;
  for (let n = 0; n < reduce; n++, at += stride) {
    const u = v128.load(at);
    const v = v128.load(at, 16);
    a = op.step(a, f64x2_from_low(u), p);
    b = op.step(b, f64x2_from_high(u), q);
    c = op.step(c, f64x2_from_low(v), r);
    d = op.step(d, f64x2_from_high(v), s);
  }
  const out = y + <usize>o * sizeof<Out>();
  storePair<Op, Out>(out, a, arg);
  storePair<Op, Out>(out + 2 * sizeof<Out>(), b, arg);
  storePair<Op, Out>(out + 4 * sizeof<Out>(), c, arg);
  storePair<Op, Out>(out + 6 * sizeof<Out>(), d, arg);
}

/** One column. */
// @ts-ignore: decorator
@inline
function foldColumn<Op extends Fold, Out>(
  y: usize, x: usize, params: usize, o: i32, reduce: i32, inner: i32, arg: f64,
): void {
  const op = changetype<Op>(0);
  const p = f64x2.splat(op.parameter(params, <usize>o, arg));
  const stride = <usize>inner << 2;
  let total = op.start();
  let at = x;
  for (let n = 0; n < reduce; n++, at += stride) total = op.step(total, f64x2.splat(<f64>load<f32>(at)), p);
  store<Out>(y + <usize>o * sizeof<Out>(), <Out>op.finish(f64x2.extract_lane(total, 0), arg));
}

// @ts-ignore: decorator
@inline
function parameters<Op extends Fold>(params: usize, o: i32, arg: f64): v128 {
  const op = changetype<Op>(0);
  const first = f64x2.splat(op.parameter(params, <usize>o, arg));
  return f64x2.replace_lane(first, 1, op.parameter(params, <usize>o + 1, arg));
}

// @ts-ignore: decorator
@inline
function storePair<Op extends Fold, Out>(y: usize, total: v128, arg: f64): void {
  const op = changetype<Op>(0);
  store<Out>(y, <Out>op.finish(f64x2.extract_lane(total, 0), arg));
  store<Out>(y + sizeof<Out>(), <Out>op.finish(f64x2.extract_lane(total, 1), arg));
}
