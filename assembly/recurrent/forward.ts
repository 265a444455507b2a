import { assertShare, assertWords } from '../assert';
import { f32_sigmoid_forward, f32_tanh_forward } from '../elementwise/activation';
import { f32_mul, f32_sub } from '../elementwise/arithmetic';
import { f32_relu_forward } from '../elementwise/relu';
import { multiplyPacked, packAll, packedSize } from '../gemm/packed';
import { OptionalAddress } from '../optional';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { assertRecurrentShape, gateWidth, GRU, isInside, LSTM, RecurrentShape, RELU, stepAt } from './shape';

/**
 * All steps of a recurrent layer in one direction, rows [begin, end) of the batch: they do not depend on each other.
 *
 *     a = gates + h·weightᵀ, by its parts of H columns
 *     tanh, ReLU   h = tanh a, max(0, a)
 *     LSTM         c = σ(a₁)·c + σ(a₀)·tanh a₂;  h = σ(a₃)·tanh c
 *     GRU          r, z = σ(a₀), σ(a₁);  n = tanh(gates₂ + r·u), u = h·weight₂ᵀ + bias;  h = n + z·(h − n)
 *
 * With S states (LSTM: h and c, else h alone), G gates and the layouts
 *
 *     out     [T+S, N, H]     h of each step, 0 behind the end of a sequence; then the last states
 *     states  [T+1, N, H]     the states before and after each step: `states` and `out` take h from step to step
 *             [T+1, N, H]     the same of c (LSTM); or u of each step (GRU: the last one is not used)
 *     gates   [T, N, G·H]     what the input gives, with all biases but that of u
 *
 * The first states are given in `states`: at position 0, or at T where the direction is reversed. Leaves σ and tanh of
 * the gates in `gates` (tanh, ReLU: a), where a sequence has not ended.
 *
 * @param weight [G·H, H]
 * @param bias [H], read for a GRU; 0 for none
 * @param lengths [N] (i32): the steps of each sequence; 0: all are as long as T
 * @param scratch `f32_recurrent_scratch(shape)` floats
 * @work (end - begin) * shape.steps * shape.hidden * shape.hidden
 */
export function f32_recurrent_forward(
  out: usize, states: usize, gates: usize, weight: usize, bias: OptionalAddress, lengths: OptionalAddress,
  shape: RecurrentShape, scratch: usize, begin: i32, end: i32,
): void {
  assertRecurrentShape(shape);
  assertShare(begin, end);
  assertWords(out | states | gates | weight | bias | lengths | scratch);
  const steps = shape.steps, batch = shape.batch, hidden = shape.hidden, cell = shape.cell, reverse = shape.reverse;
  const width = gateWidth(shape);
  const added = cell == GRU ? 2 * hidden : width;
  const otherPanels = scratch + (<usize>packedSize(added, hidden) << 2);
  const zeros = otherPanels + (<usize>packedSize(hidden, hidden) << 2);
  const rest = zeros + (<usize>hidden << 2);
  memory.fill(zeros, 0, <usize>hidden << 2);
  packAll(scratch, weight, true, added, hidden);
  if (cell == GRU) packAll(otherPanels, weight + (<usize>(added * hidden) << 2), true, hidden, hidden);

  const rowBytes = <usize>hidden << 2, gateBytes = <usize>width << 2;
  const stepBytes = <usize>batch * rowBytes;
  const other = <usize>(steps + 1) * stepBytes;
  const last = states + <usize>((1 - reverse) * steps) * stepBytes;
  for (let i = 0; i < steps; i++) {
    const t = stepAt(i, shape);
    const first = <usize>begin * rowBytes;
    const before = states + <usize>(t + reverse) * stepBytes;
    const after = states + <usize>(t + 1 - reverse) * stepBytes;
    const u = states + other + <usize>t * stepBytes;
    const gate = gates + <usize>(t * batch) * gateBytes;
    const g = gate + <usize>begin * gateBytes;
    multiplyPacked(g, gateBytes, g, gateBytes, before + first, scratch, end - begin, added, hidden, rest);
    if (cell == GRU) {
      const start = bias != 0 ? bias : zeros;
      multiplyPacked(u + first, rowBytes, start, 0, before + first, otherPanels, end - begin, hidden, hidden, rest);
    }
    const y = out + <usize>t * stepBytes;
    for (let row = begin; row < end; row++) {
      const at = <usize>row * rowBytes;
      if (isInside(t, lengths, row)) {
        const own = gate + <usize>row * gateBytes;
        if (cell == LSTM) lstm(after + at, after + other + at, before + other + at, own, hidden);
        else if (cell == GRU) gru(after + at, before + at, u + at, own, hidden);
        else if (cell == RELU) f32_relu_forward(after + at, own, 0, hidden);
        else f32_tanh_forward(after + at, own, 0, hidden);
        memory.copy(y + at, after + at, rowBytes);
      } else {
        memory.copy(after + at, before + at, rowBytes);
        if (cell == LSTM) memory.copy(after + other + at, before + other + at, rowBytes);
        memory.fill(y + at, 0, rowBytes);
      }
    }
  }
  const from = <usize>begin * rowBytes, bytes = <usize>(end - begin) * rowBytes;
  const to = out + <usize>steps * stepBytes + from;
  memory.copy(to, last + from, bytes);
  if (cell == LSTM) memory.copy(to + stepBytes, last + other + from, bytes);
}

/** One row: h and c from `before`, the c of the step before. */
function lstm(h: usize, c: usize, before: usize, gates: usize, hidden: i32): void {
  const bytes = <usize>hidden << 2;
  f32_sigmoid_forward(gates, gates, 0, 2 * hidden);
  f32_tanh_forward(gates, gates, 2 * hidden, 3 * hidden);
  f32_sigmoid_forward(gates, gates, 3 * hidden, 4 * hidden);
  f32_mul(c, gates + bytes, before, 0, hidden);
  addProduct(c, gates, gates + 2 * bytes, c, hidden);
  f32_tanh_forward(h, c, 0, hidden);
  f32_mul(h, h, gates + 3 * bytes, 0, hidden);
}

/** One row: h from `before`, the h of the step before. */
function gru(h: usize, before: usize, u: usize, gates: usize, hidden: i32): void {
  const bytes = <usize>hidden << 2;
  const n = gates + 2 * bytes;
  f32_sigmoid_forward(gates, gates, 0, 2 * hidden);
  addProduct(n, gates, u, n, hidden);
  f32_tanh_forward(n, n, 0, hidden);
  f32_sub(h, before, n, 0, hidden);
  addProduct(h, gates + bytes, h, n, hidden);
}

/** out = a·b + c, which may be the same as any of these. */
function addProduct(out: usize, a: usize, b: usize, c: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2;
  for (let i: usize = 0; i < whole; i += 16) addProductPart(out + i, a + i, b + i, c + i, 4);
  if (count & 3) addProductPart(out + whole, a + whole, b + whole, c + whole, count & 3);
}

// @ts-ignore: decorator
@inline
function addProductPart(out: usize, a: usize, b: usize, c: usize, count: i32): void {
  storePart(out, f32x4_madd(loadPart(a, count), loadPart(b, count), loadPart(c, count)), count);
}
