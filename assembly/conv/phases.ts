/*
 * With stride s, the inputs h that meet a tap u are those with (h + top − u·dilation) divisible by s: the inputs fall
 * into s·s phases, by the remainders of h + top and w + left, and each phase meets its own taps only. Within a phase
 *
 *     h = i·s + phase − top,   u·dilation = t·s + phase   →   the output row that joins them is i − t
 *
 * so that each phase is a correlation of dy, with stride 1, with the taps of the phase. With stride 1 there is one.
 */

/** The furthest that a tap reaches back: the largest t. */
// @ts-ignore: decorator
@inline
export function reach(kernel: i32, stride: i32, dilation: i32): i32 {
  return (kernel - 1) * dilation / stride;
}

/** Number of places i that the inputs fall on. */
// @ts-ignore: decorator
@inline
export function places(length: i32, stride: i32, pad: i32): i32 {
  return (length - 1 + pad) / stride - pad / stride + 1;
}

/** The first input h ≥ 0 with (h + pad) mod stride = phase. */
// @ts-ignore: decorator
@inline
export function firstInPhase(pad: i32, stride: i32, phase: i32): i32 {
  return (phase - pad % stride + stride) % stride;
}

/** How many taps u along one axis have (u·dilation) mod stride = phase. */
export function tapsOfPhase(kernel: i32, stride: i32, dilation: i32, phase: i32): i32 {
  let count = 0;
  for (let u = 0; u < kernel; u++) count += <i32>(u * dilation % stride == phase);
  return count;
}
