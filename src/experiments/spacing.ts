/**
 * `count` values from `first` to `last`, both included, evenly spaced on a logarithmic scale.
 *
 * They are rounded to five digits: powers differ in their last bits between engines, and these become learning rates.
 */
export function logSpaced(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    rounded(count === 1 ? first : first * (last / first) ** (i / (count - 1))),
  );
}

/** Likewise, evenly spaced as they are. */
export function evenlySpaced(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    rounded(count === 1 ? first : first + ((last - first) * i) / (count - 1)),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
