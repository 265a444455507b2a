import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, DTypeError, einsum, init, memory, ShapeError, scope, tensor, zeros } from '../../src/index.js';
import { einsumOf } from '../support/einsum.js';
import { uniform } from '../support/random.js';
import { type Reference, reference } from '../support/reference.js';

beforeAll(() => init({ threads: 1 }));

/** An equation of one to four operands, with repeated letters, ellipses and axes of 1, and what it is of. */
function drawn(random: () => number): { equation: string; operands: Reference[] } {
  const below = (n: number) => Math.floor(random() * n);
  const lengths = new Map([...'abcdeUV'].map((name) => [name, 1 + below(3)] as const));
  const parts: string[] = [];
  const operands: Reference[] = [];
  let longest = 0;
  for (let count = 1 + below(4); count > 0; count--) {
    const letters = Array.from({ length: below(4) }, () => 'abcde'[below(5)]!);
    const others = random() < 0.3 ? below(3) : -1;
    longest = Math.max(longest, others);
    const at = below(letters.length + 1);
    const names = others < 0 ? letters : letters.toSpliced(at, 0, ...'UV'.slice(2 - others));
    // Of a letter that stands twice in a term, both axes have one length.
    const single = new Set([...'abcdeUV'].filter(() => random() < 0.1));
    const shape = names.map((name) => (single.has(name) ? 1 : lengths.get(name)!));
    parts.push(others < 0 ? letters.join('') : letters.toSpliced(at, 0, '...').join(''));
    operands.push(
      reference(
        shape,
        Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => Math.fround(2 * random() - 1)),
      ),
    );
  }
  const known = [...new Set(parts.join('').replace(/[^a-e]/g, ''))];
  const output = known.filter(() => random() < 0.5).sort(() => random() - 0.5);
  if (longest >= 0) output.splice(below(output.length + 1), 0, '...');
  return { equation: parts.join(',') + (random() < 0.3 ? '' : `->${output.join('')}`), operands };
}

test('300 random equations have the values and gradients of a loop in double precision', () => {
  const random = uniform(14);
  const before = memory().bytes;
  for (let round = 0; round < 300; round++) {
    const { equation, operands } = drawn(random);
    const what = `${equation} of ${operands.map(({ shape }) => `[${shape}]`).join(', ')}`;
    const want = einsumOf(equation, operands);
    scope(() => {
      const inputs = operands.map(({ shape, data }) => tensor(Array.from(data), { shape, requiresGrad: true }));
      const y = einsum(equation, ...inputs);
      expect(y.shape, what).toEqual(want.shape);
      const near = (got: ArrayLike<number>, wanted: ArrayLike<number>, name: string) => {
        const worst = Math.max(0, ...Array.from(got, (value, i) => Math.abs(value - wanted[i]!)));
        expect(worst, `${name} of ${what}`).toBeLessThan(2e-5);
      };
      near(y.data(), want.data, 'value');
      const weights = want.data.map(() => Math.fround(2 * random() - 1));
      y.backward({ gradient: tensor(Array.from(weights), { shape: want.shape }) });
      // The equation is linear in each operand: a derivative is its value with 1 in place of the element, 0 elsewhere.
      operands.forEach((operand, i) => {
        const slopes = operand.data.map((_, flat) => {
          const unit = reference(operand.shape, (at) => Number(at === flat));
          return einsumOf(equation, operands.with(i, unit)).data.reduce((sum, v, k) => sum + v * weights[k]!, 0);
        });
        near(inputs[i]!.grad!.data(), slopes, `gradient ${i}`);
        inputs[i]!.zeroGrad();
      });
    });
  }
  expect(memory().bytes).toBe(before);
}, 60_000);

test('the result is another tensor than the operand', () => {
  const x = tensor([1, 2]);
  expect(einsum('i->i', x)).not.toBe(x);
});

test('capital letters come before small ones, and spaces do not count', () => {
  expect(einsum(' b A ', zeros([2, 3])).shape).toEqual([3, 2]);
});

describe('errors say what is wrong with the equation', () => {
  const x = () => zeros([2, 3]);
  test.each([
    ['i', [x], ShapeError, "einsum: 'i' does not name the 2 axes of its operand"],
    ['...ijk', [x], ShapeError, "einsum: '...ijk' does not name the 2 axes of its operand"],
    ['ii', [x], ShapeError, 'einsum: the axes i of shape [2, 3] differ'],
    ['ij,jk', [x, x], ShapeError, 'einsum: the axis j has 3 and 2 elements'],
    ['ij', [x, x], ArgumentError, "einsum: there are 1 terms for 2 operands in the equation 'ij'"],
    ['i1', [x], ArgumentError, "einsum: 'i1' is not made of letters and one ... in the equation 'i1'"],
    ['ij->ik', [x], ArgumentError, 'einsum: the result has an axis twice, or one that no operand has'],
    ['ij->ii', [x], ArgumentError, 'einsum: the result has an axis twice'],
    ['ij->i->j', [x], ArgumentError, 'einsum: there are two arrows'],
    ['i', [() => tensor([1], { dtype: 'int32' })], DTypeError, 'einsum: operand is int32, not float32'],
  ] as const)('%s', (equation, operands, kind, message) => {
    const run = () => einsum(equation, ...operands.map((make) => make()));
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});
