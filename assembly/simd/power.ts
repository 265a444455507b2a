/** ln 2 in two parts, the first so short that its product with any exponent is exact; log₂e. */
const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const LOG2_E: f64 = 1.44269504088896338700;
/** 1.5·2⁵². x + WHOLE has the whole number nearest to x in its low bits; − WHOLE leaves that number. */
const WHOLE: f64 = 6755399441055744;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;
/** √½ as bits: doubles are cut at it, so that what lies above belongs to the next exponent. */
const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;
const MANTISSA: i64 = 0x000fffffffffffff;

/**
 * xᵖ for x ≥ 0 and finite p ≠ 0, as e^(p·log x) in doubles. Relative error below (2 + 1.5·|p·log x|)·2⁻⁵²: below 1 ULP
 * for log, ½ for the product, and what exp adds. That is next to nothing once the power, or a sum of them, is rounded
 * to a float; the standard library's pow, which is exact to the double, comes with 6 kB of tables.
 */
export function f64_power(x: f64, p: f64): f64 {
  if (!(x < Infinity)) return p > 0 ? x : 1 / x; // ∞ and NaN
  if (x == 0) return p > 0 ? 0 : Infinity;
  return exp(p * log(x));
}

/** x = 2ᵉ·(1 + f) with √½ ≤ 1 + f < √2; log(1 + f) = f − s·(f − R) with s = f / (2 + f), as in FreeBSD's e_log.c. */
function log(x: f64): f64 {
  const subnormal = x < SMALLEST_NORMAL;
  const cut = reinterpret<i64>(subnormal ? x * 18014398509481984 : x) - SQRT_HALF_BITS;
  const e = <f64>((cut >> 52) - (subnormal ? 54 : 0));
  const f = reinterpret<f64>((cut & MANTISSA) + SQRT_HALF_BITS) - 1;
  const s = f / (2 + f);
  const z = s * s;
  let r = 1.479819860511658591e-1 * z + 1.531383769920937332e-1;
  r = r * z + 1.818357216161805012e-1;
  r = r * z + 2.222219843214978396e-1;
  r = r * z + 2.857142874366239149e-1;
  r = r * z + 3.999999999940941908e-1;
  r = (r * z + 6.666666666666735130e-1) * z;
  const half = 0.5 * f * f;
  return e * LN2_HIGH - (half - (s * (half + r) + e * LN2_LOW) - f);
}

/** y = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ = 1 + r + r·c / (2 − c), as in FreeBSD's e_exp.c; times 2ⁿ in two factors. */
function exp(y: f64): f64 {
  const bounded = min(max(y, -1000), 1000);
  const n = bounded * LOG2_E + WHOLE - WHOLE;
  const r = bounded - n * LN2_HIGH - n * LN2_LOW;
  const z = r * r;
  let c = 4.13813679705723846039e-8 * z - 1.65339022054652515390e-6;
  c = c * z + 6.61375632143793436117e-5;
  c = c * z - 2.77777777770155933842e-3;
  c = r - (c * z + 1.66666666666666019037e-1) * z;
  const half = <i64>n >> 1;
  return (1 + (r * c / (2 - c) + r)) * powerOf2(half) * powerOf2(<i64>n - half);
}

/** 2ⁿ for whole n from −1022 to 1023; far below that is 0. */
function powerOf2(n: i64): f64 {
  return reinterpret<f64>(max(n + 1023, 0) << 52);
}
