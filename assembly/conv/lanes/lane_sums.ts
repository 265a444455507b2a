/* What is summed for four images at once joins one total: the four lanes are added, in a fixed order. */
import { f32x4_hsum } from '../../simd/vector';

/** Adds the four lanes to the float at `to`. */
// @ts-ignore: decorator
@inline
export function addSum(to: usize, lanes: v128): void {
  store<f32>(to, load<f32>(to) + f32x4_hsum(lanes));
}

/** Adds the four lanes of each to four floats, a row apart; summed as by `addSum`. */
// @ts-ignore: decorator
@inline
export function addSums(to: usize, weightRow: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  const sums = f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 0));
  to += weightRow;
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 1));
  to += weightRow;
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 2));
  to += weightRow;
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 3));
}
