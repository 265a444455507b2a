import { assertShare, assertWords } from '../assert';
import { f32_tanh_backward, f32_tanh_forward } from '../elementwise/activation';
import { f32_add } from '../elementwise/arithmetic';
import { f32_relu_backward } from '../elementwise/relu';
import { multiplyPacked, packAll, packedSize } from '../gemm/packed';
import { OptionalAddress } from '../optional';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { assertRecurrentShape, gateWidth, GRU, isInside, LSTM, RecurrentShape, RELU, stepAt } from './shape';

/**
 * The gradients of a recurrent layer in one direction, backwards through its steps, rows [begin, end) of the batch;
 * layouts and letters as in `forward.ts`.
 *
 *     da     from dh and dc of the step
 *     dh of the step before = da·weight, and z·dh in a GRU
 *
 * @param dGates [T, N, G·H]: gradient of what the input gave
 * @param dHidden [T, N, G·H]: gradient of h·weightᵀ, which differs in the part of u of a GRU; else `dGates`
 * @param dState [S, N, H]: gradient of the last states, which becomes that of the first
 * @param dOut [T, N, H]
 * @param scratch `f32_recurrent_scratch(shape)` floats
 * @work (end - begin) * shape.steps * shape.hidden * shape.hidden
 */
export function f32_recurrent_backward(
  dGates: usize, dHidden: usize, dState: usize, dOut: usize, states: usize, gates: usize, weight: usize,
  lengths: OptionalAddress, shape: RecurrentShape, scratch: usize, begin: i32, end: i32,
): void {
  assertRecurrentShape(shape);
  assertShare(begin, end);
  assertWords(dGates | dHidden | dState | dOut | states | gates | weight | lengths | scratch);
  const steps = shape.steps, batch = shape.batch, hidden = shape.hidden, cell = shape.cell, reverse = shape.reverse;
  const width = gateWidth(shape);
  const spare = scratch + (<usize>packedSize(hidden, width) << 2);
  const rowBytes = <usize>hidden << 2, gateBytes = <usize>width << 2;
  const rest = spare + rowBytes;
  packAll(scratch, weight, false, hidden, width);

  const stepBytes = <usize>batch * rowBytes;
  const other = <usize>(steps + 1) * stepBytes;
  for (let i = steps - 1; i >= 0; i--) {
    const t = stepAt(i, shape);
    const before = states + <usize>(t + reverse) * stepBytes;
    const after = states + <usize>(t + 1 - reverse) * stepBytes;
    const step = <usize>(t * batch) * gateBytes;
    for (let row = begin; row < end; row++) {
      const at = <usize>row * rowBytes;
      const own = step + <usize>row * gateBytes;
      const da = dGates + own;
      if (!isInside(t, lengths, row)) {
        memory.fill(da, 0, gateBytes);
        memory.fill(dHidden + own, 0, gateBytes);
        continue;
      }
      const dh = dState + at;
      f32_add(dh, dh, dOut + <usize>t * stepBytes + at, 0, hidden);
      if (cell == LSTM) {
        f32_tanh_forward(spare, after + other + at, 0, hidden);
        lstm(da, dh, dh + stepBytes, before + other + at, spare, gates + own, rowBytes);
      } else if (cell == GRU) {
        const u = states + other + <usize>t * stepBytes + at;
        gru(da, dHidden + own, dh, before + at, u, gates + own, rowBytes);
      } else {
        if (cell == RELU) f32_relu_backward(da, dh, after + at, 0, hidden);
        else f32_tanh_backward(da, dh, after + at, 0, hidden);
        memory.fill(dh, 0, rowBytes);
      }
    }
    const dh = dState + <usize>begin * rowBytes;
    multiplyPacked(
      dh, rowBytes, dh, rowBytes, dHidden + step + <usize>begin * gateBytes, scratch, end - begin, hidden, width, rest);
  }
}

/** One row: da from dh (0 afterwards) and dc (that of the step before afterwards). `squashed`: tanh c. */
function lstm(da: usize, dh: usize, dc: usize, before: usize, squashed: usize, gates: usize, bytes: usize): void {
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    lstmPart(da + i, dh + i, dc + i, before + i, squashed + i, gates + i, bytes, 4);
  }
  const rest = <i32>(bytes & 15) >> 2;
  if (rest > 0) {
    lstmPart(da + whole, dh + whole, dc + whole, before + whole, squashed + whole, gates + whole, bytes, rest);
  }
}

// @ts-ignore: decorator
@inline
function lstmPart(
  da: usize, dh: usize, dc: usize, before: usize, squashed: usize, gates: usize, bytes: usize, count: i32,
): void {
  const one = f32x4.splat(1);
  const input = loadPart(gates, count);
  const forget = loadPart(gates + bytes, count);
  const candidate = loadPart(gates + 2 * bytes, count);
  const output = loadPart(gates + 3 * bytes, count);
  const s = loadPart(squashed, count);
  const d = loadPart(dh, count);
  const c = f32x4_madd(f32x4.mul(d, output), f32x4.sub(one, f32x4.mul(s, s)), loadPart(dc, count));
  storePart(da, f32x4.mul(f32x4.mul(c, candidate), slope(input)), count);
  storePart(da + bytes, f32x4.mul(f32x4.mul(c, loadPart(before, count)), slope(forget)), count);
  storePart(
    da + 2 * bytes, f32x4.mul(f32x4.mul(c, input), f32x4.sub(one, f32x4.mul(candidate, candidate))), count);
  storePart(da + 3 * bytes, f32x4.mul(f32x4.mul(d, s), slope(output)), count);
  storePart(dc, f32x4.mul(c, forget), count);
  storePart(dh, f32x4.splat(0), count);
}

/** One row: da and its other form (see dHidden) from dh, of which z·dh is left. */
function gru(da: usize, dHidden: usize, dh: usize, before: usize, u: usize, gates: usize, bytes: usize): void {
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    gruPart(da + i, dHidden + i, dh + i, before + i, u + i, gates + i, bytes, 4);
  }
  const rest = <i32>(bytes & 15) >> 2;
  if (rest > 0) {
    gruPart(da + whole, dHidden + whole, dh + whole, before + whole, u + whole, gates + whole, bytes, rest);
  }
}

// @ts-ignore: decorator
@inline
function gruPart(
  da: usize, dHidden: usize, dh: usize, before: usize, u: usize, gates: usize, bytes: usize, count: i32,
): void {
  const one = f32x4.splat(1);
  const reset = loadPart(gates, count);
  const update = loadPart(gates + bytes, count);
  const n = loadPart(gates + 2 * bytes, count);
  const d = loadPart(dh, count);
  const dn = f32x4.mul(f32x4.mul(d, f32x4.sub(one, update)), f32x4.sub(one, f32x4.mul(n, n)));
  const dReset = f32x4.mul(f32x4.mul(dn, loadPart(u, count)), slope(reset));
  const dUpdate = f32x4.mul(f32x4.mul(d, f32x4.sub(loadPart(before, count), n)), slope(update));
  storePart(da, dReset, count);
  storePart(da + bytes, dUpdate, count);
  storePart(da + 2 * bytes, dn, count);
  storePart(dHidden, dReset, count);
  storePart(dHidden + bytes, dUpdate, count);
  storePart(dHidden + 2 * bytes, f32x4.mul(dn, reset), count);
  storePart(dh, f32x4.mul(d, update), count);
}

/** σ′ by σ. */
// @ts-ignore: decorator
@inline
function slope(s: v128): v128 {
  return f32x4.mul(s, f32x4.sub(f32x4.splat(1), s));
}
