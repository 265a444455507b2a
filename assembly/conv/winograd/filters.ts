import { PLACES } from './blocks';

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
export function filterRow(row: usize, a: f32, b: f32, c: f32, turned: bool): f32 {
  if (turned) { const swap = a; a = c; c = swap; }
  if (row == 0) return a * 0.25;
  if (row == 5) return c;
  if (row == 1) return -(a + b + c) * <f32>(1.0 / 6.0);
  if (row == 2) return -(a - b + c) * <f32>(1.0 / 6.0);
  if (row == 3) return (a + 2 * b + 4 * c) * <f32>(1.0 / 24.0);
  return (a - 2 * b + 4 * c) * <f32>(1.0 / 24.0);
}
