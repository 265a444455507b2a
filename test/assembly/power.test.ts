import { expect, test } from 'vitest';
import '../../src/index.js';
import { kernels } from '../../src/runtime/runtime.js';
import { uniform } from '../support/random.js';

/** xᵖ as the kernels compute it: by a root of which nothing else is asked. */
const power = (x: number, p: number): number => kernels.f64_root(x, 1 / p);
/** The exponent that `power` really takes. */
const taken = (p: number): number => 1 / (1 / p);

test('powers in doubles keep to the error that is stated', () => {
  const random = uniform(5);
  let worst = 0;
  for (let i = 0; i < 200_000; i++) {
    const x = 2 ** (i % 2 === 0 ? 4 * random() - 2 : 2000 * random() - 1000);
    const p = (random() < 0.5 ? -1 : 1) * 2 ** (12 * random() - 6);
    const want = x ** taken(p);
    if (!(want > 2 ** -1000 && want < Infinity)) continue;
    const error = Math.abs(power(x, p) / want - 1);
    worst = Math.max(worst, error / (2 + 1.5 * Math.abs(taken(p) * Math.log(x))));
  }
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(2 ** -52);
});

test('powers at the ends of the range', () => {
  const table: [number, number, number][] = [
    [0, 2, 0],
    [0, -2, Infinity],
    [Infinity, 0.5, Infinity],
    [Infinity, -0.5, 0],
    [NaN, 2, NaN],
    [1, 1024, 1],
    [1, -1024, 1],
    [2 ** 1000, 4, Infinity],
    [2 ** 1000, 1024, Infinity],
    [2 ** -1000, 4, 0],
    [2 ** -1000, 1024, 0],
    [2 ** -1000, -4, Infinity],
    [5e-324, 0.25, 2 ** -268.5],
    [Number.MAX_VALUE, 0.5, 2 ** 512],
    [2 ** -530, 2, 2 ** -1060],
  ];
  for (const [x, p, want] of table) {
    if (want > 0 && want < Infinity) expect(power(x, p) / want).toBeCloseTo(1, 12);
    else expect(power(x, p)).toBe(want);
  }
});
