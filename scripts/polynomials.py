"""The minimax polynomials of assembly/simd/, fitted anew: prints coefficients and the largest relative error of each.

    python3 scripts/polynomials.py        (needs numpy and mpmath)

Coefficients are rounded to float32 one after the other, from the lowest up, the rest fitted again after each, so that
the rounded polynomial is still close to the best one. The fit is Lawson's: least squares whose weights grow where the
error is large. The last digits depend on numpy's version; the errors hardly do.
"""
import mpmath as mp
import numpy as np

POINTS = 801


def fit(f, low, high, degree, weight):
    """Coefficients c of Σ cₖ·xᵏ ≈ f on [low, high], least in max |weight·error|, and that error."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    values = np.array([float(f(mp.mpf(v))) for v in x])
    scale = np.array([float(weight(mp.mpf(v))) for v in x])
    fixed = []
    for first in range(degree + 1):
        powers = np.stack([x**k for k in range(first, degree + 1)], 1) * scale[:, None]
        target = (values - sum(c * x**k for k, c in enumerate(fixed))) * scale
        units = np.abs(powers).max(0)
        best, least = None, np.inf
        lawson = np.full(POINTS, 1 / POINTS)
        for _ in range(200):
            root = np.sqrt(lawson)
            c = np.linalg.lstsq(powers / units * root[:, None], target * root, rcond=None)[0] / units
            error = np.abs(powers @ c - target)
            if error.max() < least:
                best, least = c, error.max()
            lawson = lawson * (error + 1e-30)
            lawson /= lawson.sum()
        fixed.append(float(np.float32(best[0])))
    error = np.abs((sum(c * x**k for k, c in enumerate(fixed)) - values) * scale).max()
    return fixed, error


def tail(x):
    """Φ(−x)·e^(x²/2)"""
    return mp.erfc(x / mp.sqrt(2)) / 2 * mp.exp(x * x / 2)


mp.mp.dps = 40
R = mp.log(2) / 2 * mp.mpf('1.01')
POLYNOMIALS = [
    ('exp: (e^r - 1 - r) / r²', lambda r: (mp.expm1(r) - r) / r**2, -R, R, 4, lambda r: r**2 / mp.exp(r)),
    ('log: (log(1 + f) - f + f²/2) / f³', lambda f: (mp.log1p(f) - f + f * f / 2) / f**3,
     (mp.sqrt(0.5) - 1) * 1.01, (mp.sqrt(2) - 1) * 1.01, 8, lambda f: f**3 / mp.log1p(f)),
    ('tanh: (tanh x - x) / x³ in x²', lambda u: (mp.tanh(mp.sqrt(u)) - mp.sqrt(u)) / mp.sqrt(u) ** 3,
     0, 0.625**2 * 1.01, 4, lambda u: mp.sqrt(u) ** 3 / mp.tanh(mp.sqrt(u))),
    ('sine: (sin r - r) / r³ in r²', lambda u: (mp.sin(mp.sqrt(u)) - mp.sqrt(u)) / mp.sqrt(u) ** 3,
     1e-6, (mp.pi / 4) ** 2 * 1.01, 2, lambda u: mp.sqrt(u) ** 3 / mp.sin(mp.sqrt(u))),
    ('cosine: (cos r - 1 + r²/2) / r⁴ in r²', lambda u: (mp.cos(mp.sqrt(u)) - 1 + u / 2) / u**2,
     1e-6, (mp.pi / 4) ** 2 * 1.01, 2, lambda u: u**2 / mp.cos(mp.sqrt(u))),
    ('normal, near: (Φ(x) - ½) / x in x²', lambda u: mp.erf(mp.sqrt(u / 2)) / 2 / mp.sqrt(u),
     0, 1, 5, lambda u: mp.sqrt(u) / (mp.erfc(mp.sqrt(u / 2)) / 2)),
    ('normal, far: Φ(-x)·e^(x²/2) / t in t = 1 / (x + 3.5)', lambda t: tail(1 / t - 3.5) / t,
     1 / mp.mpf(18), 1 / mp.mpf('4.5'), 8, lambda t: t / tail(1 / t - 3.5)),
]

for name, f, low, high, degree, weight in POLYNOMIALS:
    coefficients, error = fit(f, float(low), float(high), degree, weight)
    print(f'{name}, relative error 2^{np.log2(error):.1f}')
    print('   ', ', '.join(str(np.float32(c)) for c in coefficients))
