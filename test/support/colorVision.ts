/** How far apart colours look, to all eyes. */

/**
 * Machado, Oliveira, Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
 * severity 1.0, on linear RGB.
 */
export const VISIONS = {
  full: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

type Matrix = readonly number[];

const times = (m: Matrix, v: readonly number[]): number[] =>
  [0, 3, 6].map((row) => m[row]! * v[0]! + m[row + 1]! * v[1]! + m[row + 2]! * v[2]!);

/** `#rrggbb` as linear RGB, 0 to 1. */
function linear(color: string): number[] {
  return [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
}

/** CIE L*a*b* under D65. */
function lab(rgb: readonly number[]): number[] {
  const xyz = times(
    [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041],
    rgb.map((value) => Math.min(1, Math.max(0, value))),
  );
  const f = xyz
    .map((value, i) => value / [0.95047, 1, 1.08883][i]!)
    .map((value) => (value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116));
  return [116 * f[1]! - 16, 500 * (f[0]! - f[1]!), 200 * (f[1]! - f[2]!)];
}

/** Distance in L*a*b* (CIE 1976); 2.3 is just noticeable. */
export function apart(one: string, other: string, vision: Matrix): number {
  const [p, q] = [one, other].map((color) => lab(times(vision, linear(color)))) as [number[], number[]];
  return Math.hypot(...p.map((value, i) => value - q[i]!));
}

/** Contrast of two colours, 1 to 21 (WCAG 2). */
export function contrast(one: string, other: string): number {
  const [low, high] = [one, other]
    .map((color) => times([0.2126, 0.7152, 0.0722, 0, 0, 0, 0, 0, 0], linear(color))[0]!)
    .sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
