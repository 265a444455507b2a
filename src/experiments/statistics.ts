/** What several seeds of one row tell together. */

/** The mean of some values with their spread. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample, √(Σ(x − mean)² / (n − 1)); null with fewer than two values. */
  readonly deviation: number | null;
  readonly low: number;
  readonly high: number;
}

/** Null of no values. */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return {
    count: values.length,
    mean,
    deviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)),
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
