/**
 * What the machine's fused multiply-add gives: `steps` (≥ 1) times 104 FLOP. Needs relaxed SIMD.
 *
 * Thirteen independent chains hide the latency of the operations and, with the two constants, just fit the registers
 * that x86-64 and V8 leave to vectors. With 0.5 and 0.75, x = x·a + b stays between 1 and 2 and so far from denormal
 * numbers. (They are arguments, as V8 from Node 24 on makes a constant anew wherever it is used.)
 *
 * @returns a value that depends on all chains
 */
export function fused(steps: i32, factor: f32, summand: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(summand);
  let x0 = f32x4.splat(<f32>1.10);
  let x1 = f32x4.splat(<f32>1.11);
  let x2 = f32x4.splat(<f32>1.12);
  let x3 = f32x4.splat(<f32>1.13);
  let x4 = f32x4.splat(<f32>1.14);
  let x5 = f32x4.splat(<f32>1.15);
  let x6 = f32x4.splat(<f32>1.16);
  let x7 = f32x4.splat(<f32>1.17);
  let x8 = f32x4.splat(<f32>1.18);
  let x9 = f32x4.splat(<f32>1.19);
  let x10 = f32x4.splat(<f32>1.20);
  let x11 = f32x4.splat(<f32>1.21);
  let x12 = f32x4.splat(<f32>1.22);
  do {
    x0 = f32x4.relaxed_madd(x0, a, b);
    x1 = f32x4.relaxed_madd(x1, a, b);
    x2 = f32x4.relaxed_madd(x2, a, b);
    x3 = f32x4.relaxed_madd(x3, a, b);
    x4 = f32x4.relaxed_madd(x4, a, b);
    x5 = f32x4.relaxed_madd(x5, a, b);
    x6 = f32x4.relaxed_madd(x6, a, b);
    x7 = f32x4.relaxed_madd(x7, a, b);
    x8 = f32x4.relaxed_madd(x8, a, b);
    x9 = f32x4.relaxed_madd(x9, a, b);
    x10 = f32x4.relaxed_madd(x10, a, b);
    x11 = f32x4.relaxed_madd(x11, a, b);
    x12 = f32x4.relaxed_madd(x12, a, b);
  } while (--steps != 0);
  const low = f32x4.add(f32x4.add(x0, x1), f32x4.add(x2, x3));
  const sum = f32x4.add(low, f32x4.add(f32x4.add(x4, x5), f32x4.add(x6, x7)));
  return f32x4.extract_lane(f32x4.add(sum, f32x4.add(f32x4.add(f32x4.add(x8, x9), f32x4.add(x10, x11)), x12)), 0);
}
