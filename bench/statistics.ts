/** Medians and quartiles. */

export interface Quartiles {
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
}

/** The quantile at `share` (0 to 1) of sorted numbers, interpolated between neighbours. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (at - Math.floor(at)) * (high - low);
}

export function quartiles(samples: readonly number[]): Quartiles {
  const sorted = [...samples].sort((a, b) => a - b);
  return { p25: quantile(sorted, 0.25), median: quantile(sorted, 0.5), p75: quantile(sorted, 0.75) };
}

/**
 * The exponent of the power law cost = c·sizeᵉ that fits best: the slope of the logarithms, by least squares.
 */
export function fittedExponent(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const mean = (axis: 0 | 1) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [a, b] of logs) {
    above += (a - x) * (b - y);
    below += (a - x) ** 2;
  }
  return above / below;
}
