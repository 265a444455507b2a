/** Whether a result is the one that was to be computed. */

/**
 * Largest difference to the plain result, as a share of its largest number: F(4×4) convolutions are off by up to 1e-5.
 */
export const TOLERANCE = 1e-4;
/** Largest relative difference of the first losses: rounding differs, and training makes more of it with each step. */
export const LOSS_TOLERANCE = 1e-3;

export type Outputs = Readonly<Record<string, readonly number[]>>;

/** Where two results differ by more than the tolerance; null where they do not. */
export function difference(got: Outputs, want: Outputs, tolerance: number): string | null {
  for (const [name, expected] of Object.entries(want)) {
    const scale = Math.max(...expected.map(Math.abs), Number.MIN_VALUE);
    for (const [i, value] of expected.entries()) {
      const other = got[name]?.[i] ?? NaN;
      if (!(Math.abs(other - value) <= tolerance * scale))
        return `${name} is ${other} where ${value} is expected (number ${i} of those looked at)`;
    }
  }
  return null;
}
