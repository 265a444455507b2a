/** Functions for learning rates that give the same bits in every engine: made of + − · / in double precision alone. */

/**
 * baseⁿ for n ≥ 0, and base ≥ 0 where n is not whole: by squaring, and by a square root for each binary digit after
 * the point; relative error below (n + 60)·1.2e-16.
 */
export function power(base: number, n: number): number {
  let result = 1;
  const whole = Math.floor(n);
  for (let square = base, rest = whole; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  for (let root = base, rest = 2 * (n - whole); rest > 0; rest = 2 * (rest % 1)) {
    root = Math.sqrt(root);
    if (rest >= 1) result *= root;
  }
  return result;
}

/**
 * A learning rate as it is, but 0 where rounding left it below 0: by at most a millionth of the initial rate. (What is
 * not a number stays as it is, for others to refuse.)
 */
export function withoutRounding<Value>(rate: Value, initial: unknown): Value | 0 {
  return typeof rate === 'number' && rate <= 0 && rate >= -1e-6 * (initial as number) ? 0 : rate;
}

/**
 * cos(π·x), |error| < 3e-16: exact at whole and half numbers.
 *
 * x is brought to |t| ≤ ¼ around the nearest half number without rounding (the cosine has period 2); there its series,
 * or that of the sine, is summed to the last bit.
 */
export function cosPi(x: number): number {
  const turns = x - 2 * Math.floor(x / 2); // In [0, 2); exact, as x and 2·⌊x/2⌋ have the same grid.
  const quarter = Math.round(2 * turns); // 0 … 4
  const t = (turns - quarter / 2) * Math.PI;
  switch (quarter % 4) {
    case 0:
      return cosine(t);
    case 1:
      return -sine(t);
    case 2:
      return -cosine(t);
    default:
      return sine(t);
  }
}

/** cos t for |t| ≤ π/4: Σ (−1)ᵏ t²ᵏ/(2k)!, from the last term that counts to the first. */
function cosine(t: number): number {
  return series(t * t, 16);
}

/** sin t for |t| ≤ π/4: Σ (−1)ᵏ t²ᵏ⁺¹/(2k+1)!, likewise. */
function sine(t: number): number {
  return t * series(t * t, 17);
}

/** 1 − s/((d−1)·d)·(1 − …), down from degree d = `last` in steps of two: both series, by the parity of `last`. */
function series(s: number, last: number): number {
  let sum = 1;
  for (let degree = last; degree >= 2; degree -= 2) sum = 1 - (s / (degree * (degree - 1))) * sum;
  return sum;
}
