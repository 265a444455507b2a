/** The zero-skipping matrix product gives the bits of the dense one, or says that it cannot. */
import { beforeAll, describe, expect, test } from 'vitest';
import { init, linear, scope, type Tensor, tensor } from '../../src/index.js';
import { gemm, sparseGemm, transposed } from '../../src/ops/gemm/gemm.js';
import { setGuards } from '../../src/runtime/guards.js';
import { kernels } from '../../src/runtime/runtime.js';
import { empty } from '../../src/tensor/create.js';
import { addressOf } from '../../src/tensor/tensor.js';
import { uniform } from '../support/random.js';

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

const random = uniform(5);
const values = (size: number, density: number) =>
  Float32Array.from({ length: size }, () => (random() < density ? random() * 2 - 1 : random() < 0.5 ? 0 : -0));
const bits = (x: Tensor) => Array.from(new Int32Array(x.data().buffer));

/** Bits of the product by both ways, and whether the zero-skipping one could be used. */
function both(
  m: number,
  n: number,
  k: number,
  flags: { transposeA?: boolean; transposeB?: boolean; relu?: boolean },
  sparse: 'a' | 'b',
  operands: { a: Float32Array; b: Float32Array; bias?: Float32Array },
) {
  return scope(() => {
    const [a, b] = [tensor(operands.a), tensor(operands.b)];
    const bias = operands.bias === undefined ? 0 : addressOf(tensor(operands.bias));
    const [dense, skipping] = [empty([m, n]), empty([m, n])];
    gemm(addressOf(dense), addressOf(a), addressOf(b), m, n, k, { ...flags, bias });
    const { transposeA = false, transposeB = false, relu = false } = flags;
    const shape = { m, n, k, transposeA: Number(transposeA), transposeB: Number(transposeB) };
    const used =
      sparse === 'a'
        ? sparseGemm(addressOf(skipping), addressOf(a), addressOf(b), shape, { relu, bias })
        : sparseGemm(addressOf(skipping), addressOf(b), addressOf(a), transposed(shape), { transposeC: true, relu });
    const chosen = empty([m, n]);
    gemm(addressOf(chosen), addressOf(a), addressOf(b), m, n, k, { ...flags, bias, mayBeSparse: [sparse] });
    expect(bits(chosen)).toEqual(bits(dense));
    return { dense: bits(dense), skipping: used ? bits(skipping) : 'unusable' };
  });
}

describe('bits equal to the dense product', () => {
  for (const [m, n, k] of [
    [100, 128, 784],
    [37, 45, 211],
    [33, 64, 400],
    [64, 33, 197],
    [300, 24, 100],
    [24, 300, 100],
    [50, 50, 589],
    [5, 33, 3],
  ] as const) {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true])
        for (const sparse of ['a', 'b'] as const) {
          test(`${m}×${n}×${k}, ${transposeA ? 'Aᵀ' : 'A'}·${transposeB ? 'Bᵀ' : 'B'}, zeros in ${sparse}`, () => {
            const a = values(m * k, sparse === 'a' ? 0.3 : 1);
            const b = values(k * n, sparse === 'b' ? 0.3 : 1);
            const bias = sparse === 'a' ? values(n, 1) : undefined;
            for (const relu of [false, true]) {
              const { dense, skipping } = both(m, n, k, { transposeA, transposeB, relu }, sparse, {
                a,
                b,
                ...(bias && { bias }),
              });
              expect(skipping).toEqual(dense);
            }
          });
        }
  }

  test('where whole rows are zeros, or all is', () => {
    const a = values(64 * 300, 0.2).fill(0, 5 * 300, 30 * 300);
    const { dense, skipping } = both(64, 64, 300, { transposeB: true }, 'a', {
      a,
      b: values(64 * 300, 1),
      bias: values(64, 1),
    });
    expect(skipping).toEqual(dense);
    const zero = both(64, 64, 300, { transposeB: true }, 'a', {
      a: new Float32Array(64 * 300),
      b: values(64 * 300, 1),
    });
    expect(zero.skipping).toEqual(zero.dense);
  });
});

describe('what makes zeros count falls back to the dense product', () => {
  const a = values(64 * 300, 0.2);
  for (const [what, bad] of [
    ['∞', Infinity],
    ['NaN', NaN],
  ] as const) {
    test(`${what} in the other operand`, () => {
      const b = values(64 * 300, 1);
      b[300 * 40 + 299] = bad;
      const { dense, skipping } = both(64, 64, 300, { transposeB: true }, 'a', { a, b });
      expect(skipping).toBe('unusable');
      expect(new Float32Array(new Int32Array(dense).buffer).some(Number.isNaN)).toBe(true);
    });
  }

  test('−0 in the bias', () => {
    const bias = values(64, 1);
    bias[63] = -0;
    const zeros = new Float32Array(64 * 300);
    const { dense, skipping } = both(64, 64, 300, { transposeB: true }, 'a', {
      a: zeros,
      b: values(64 * 300, 1),
      bias,
    });
    expect(dense[63]).toBe(0); // +0: the dense sum added zeros of both signs
    expect(skipping).toBe('unusable');
  });
});

test('NaN in the sparse operand is not a zero', () => {
  const a = values(64 * 300, 0.2);
  a[7] = NaN;
  const { dense, skipping } = both(64, 64, 300, { transposeB: true }, 'a', { a, b: values(64 * 300, 1) });
  expect(skipping).toEqual(dense);
});

test('non-zeros are counted', () =>
  scope(() => {
    const x = tensor([0, -0, 1, NaN, -3, 0, 5]);
    expect(kernels.f32_count_nonzero(addressOf(x), 7)).toBe(4);
    expect(kernels.f32_count_nonzero(addressOf(x), 0)).toBe(0);
  }));

test('Linear takes the way on sparse input, forward and backward, with the same bits', () =>
  scope(() => {
    const [n, i, o] = [100, 200, 64];
    const make = (data: Float32Array, shape: number[]) => tensor(data, { shape, requiresGrad: true });
    const [xs, ws, bs, gs] = [values(n * i, 0.2), values(o * i, 1), values(o, 1), values(n * o, 0.5)];
    const [x, w, b] = [make(xs, [n, i]), make(ws, [o, i]), make(bs, [o])];
    const y = linear(x, w, b);
    y.backward({ gradient: tensor(gs, { shape: [n, o] }) });
    const want = { y: empty([n, o]), dx: empty([n, i]), dw: empty([o, i]) };
    const dy = tensor(gs);
    gemm(addressOf(want.y), addressOf(x), addressOf(w), n, o, i, { transposeB: true, bias: addressOf(b) });
    gemm(addressOf(want.dx), addressOf(dy), addressOf(w), n, i, o);
    gemm(addressOf(want.dw), addressOf(dy), addressOf(x), o, i, n, { transposeA: true });
    expect([bits(y), bits(x.grad!), bits(w.grad!)]).toEqual([bits(want.y), bits(want.dx), bits(want.dw)]);
  }));
