import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { formatShape, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from '../elementwise/arithmetic.js';
import { requireFloat } from '../elementwise/float.js';
import { permute } from '../movement/permute.js';
import { reshape } from '../movement/reshape.js';
import { slice } from '../movement/slice.js';
import { sum } from '../reduce/sum.js';
import { matmul, matmulTransposed } from './matmul.js';

/** A tensor whose axes have names: a letter, or a dot and a number for one of an ellipsis. */
interface Term {
  readonly x: Tensor;
  readonly axes: readonly string[];
}

type Sizes = ReadonlyMap<string, number>;

const CALL = 'einsum(equation="ij,jk->ik", a, b?=b)';

const wrong = (equation: string, problem: string): ArgumentError =>
  new ArgumentError(`${problem} in the equation '${equation}'`, { where: 'einsum' });

/** The names in a part of the equation; `...` stands for as many axes as `rank` leaves, aligned at the last one. */
function namesOf(equation: string, part: string, rank: number): string[] {
  const [before, after, ...rest] = part.split('...') as [string, string?];
  const letters = before + (after ?? '');
  if (rest.length > 0 || /[^a-zA-Z]/.test(letters))
    throw wrong(equation, `'${part}' is not made of letters and one ...`);
  const others = after === undefined ? 0 : Math.max(rank - letters.length, 0);
  if (others + letters.length !== rank)
    throw new ShapeError(`'${part}' does not name the ${rank} axes of its operand`, { where: 'einsum' });
  return [...before, ...Array.from({ length: others }, (_, i) => `.${others - 1 - i}`), ...(after ?? '')];
}

const order = ({ axes }: Term, names: readonly string[]): number[] => names.map((name) => axes.indexOf(name));

/** The axes of a term in the order of `names`. */
function permuted(term: Term, names: readonly string[]): Tensor {
  const places = order(term, names);
  return places.every((axis, i) => axis === i) ? term.x : permute(term.x, places);
}

/** Where a name stands twice, its diagonal. */
function withoutRepeats(term: Term): Term {
  const { x, axes } = term;
  const second = axes.findIndex((name, axis) => axes.indexOf(name) < axis);
  if (second < 0) return term;
  const name = axes[second]!;
  const first = axes.indexOf(name);
  const length = x.shape[first]!;
  if (x.shape[second] !== length)
    throw new ShapeError(`the axes ${name} of shape ${formatShape(x.shape)} differ`, { where: 'einsum' });
  const others = axes.flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  const rows = reshape(permute(x, [first, second, ...others]), [length ** 2, ...others.map((axis) => x.shape[axis]!)]);
  const diagonal = slice(rows, 0, undefined, { step: length + 1 });
  return withoutRepeats({ x: diagonal, axes: [name, ...others.map((axis) => axes[axis]!)] });
}

/** The length of each name. An axis of 1 goes with any. */
function sizesOf(terms: readonly Term[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { x, axes } of terms) {
    axes.forEach((name, axis) => {
      const [known = 1, length] = [sizes.get(name), x.shape[axis]!];
      if (known !== 1 && length !== 1 && known !== length) {
        const what = name[0] === '.' ? 'an axis of ...' : `the axis ${name}`;
        throw new ShapeError(`${what} has ${known} and ${length} elements`, { where: 'einsum' });
      }
      sizes.set(name, known === 1 ? length : known);
    });
  }
  return sizes;
}

/** Without the axes that a condition does not hold for: they are summed, or have one element that repeats. */
function keep({ x, axes }: Term, holds: (name: string, axis: number) => boolean): Term {
  const gone = axes.flatMap((name, axis) => (holds(name, axis) ? [] : [axis]));
  return gone.length === 0 ? { x, axes } : { x: sum(x, gone), axes: axes.filter(holds) };
}

/** The product of two terms, summed over the names that they share and nobody else needs. */
function product(left: Term, right: Term, needed: ReadonlySet<string>, sizes: Sizes): Term {
  const a = keep(left, (name) => needed.has(name) || right.axes.includes(name));
  const b = keep(right, (name) => needed.has(name) || left.axes.includes(name));
  const both = a.axes.filter((name) => b.axes.includes(name));
  const batch = both.filter((name) => needed.has(name));
  const inner = both.filter((name) => !needed.has(name));
  const rows = a.axes.filter((name) => !both.includes(name));
  const columns = b.axes.filter((name) => !both.includes(name));
  const [outer, m, k, n] = [batch, rows, inner, columns].map((names) => names.map((name) => sizes.get(name)!)) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const axes = [...batch, ...rows, ...columns];
  if (inner.length === 0) {
    const first = reshape(permuted(a, [...batch, ...rows]), [...outer, ...m, ...n.map(() => 1)]);
    return { x: mul(first, reshape(permuted(b, [...batch, ...columns]), [...outer, ...m.map(() => 1), ...n])), axes };
  }
  const matrices = (term: Term, names: readonly string[], ...sides: number[][]) =>
    reshape(permuted(term, names), [...outer, ...sides.map(sizeOf)]);
  const lefts = matrices(a, [...batch, ...rows, ...inner], m, k);
  const lying = [...batch, ...columns, ...inner];
  // As they lie, rather than a copy.
  const x = order(b, lying).every((axis, i) => axis === i)
    ? matmulTransposed(lefts, matrices(b, lying, n, k))
    : matmul(lefts, matrices(b, [...batch, ...inner, ...columns], k, n));
  return { x: reshape(x, [...outer, ...m, ...n]), axes };
}

/** The pair whose product has the fewest terms to add up, the first of several. */
function cheapest(terms: readonly Term[], sizes: Sizes): [number, number] {
  let [best, pair] = [Infinity, [0, 1] as [number, number]];
  if (terms.length === 2) return pair;
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const names = new Set([...terms[i]!.axes, ...terms[j]!.axes]);
      const cost = sizeOf([...names].map((name) => sizes.get(name)!));
      if (cost < best) [best, pair] = [cost, [i, j]];
    }
  }
  return pair;
}

/**
 * Sums of products of tensors over named axes (Einstein's convention). The equation has a letter for each axis of each
 * operand, and after the arrow those of the result; the others are summed over. `...` stands for further axes, which
 * broadcast. A letter that an operand has twice takes its diagonal. Without an arrow, the result has the axes of `...`,
 * then the letters that stand once, in the order of the alphabet.
 *
 * Of more than two operands, those two are multiplied first whose product takes the fewest operations.
 *
 * Shapes:   'bij,bjk->bik', a [B,I,J], b [B,J,K] → [B,I,K]
 * Backward: as the products, sums and permutations that it is made of
 * @throws {ArgumentError} when the equation cannot be read, or names what no operand has
 * @throws {ShapeError} when an operand has not the axes that the equation names, or lengths of a letter differ
 * @throws {DTypeError} when an operand is not float32
 * @see torch.einsum
 * @example
 * const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])];
 * einsum('ij,jk->ik', a, b).toArray();   // [[19, 22], [43, 50]]
 * einsum('ij->j', a).toArray();          // [4, 6]
 * einsum('ii', a).toArray();             // 5
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  checkArguments(CALL, equation, operands[0]);
  for (const x of operands) checkArguments(CALL, equation, x);
  for (const x of operands) requireFloat('einsum', { operand: x });
  const [from, to, more] = equation.replaceAll(' ', '').split('->') as [string, string?, string?];
  const parts = from.split(',');
  if (more !== undefined) throw wrong(equation, 'there are two arrows');
  if (parts.length !== operands.length)
    throw wrong(equation, `there are ${parts.length} terms for ${operands.length} operands`);
  const named = parts.map((part, i): Term => ({ x: operands[i]!, axes: namesOf(equation, part, operands[i]!.rank) }));
  let terms = named.map(withoutRepeats);
  const sizes = sizesOf(terms);
  terms = terms.map((term) => keep(term, (name, axis) => term.x.shape[axis] === sizes.get(name)));

  const all = named.flatMap(({ axes }) => axes);
  const ellipsis = [...sizes.keys()]
    .filter((name) => name[0] === '.')
    .sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  const once = [...sizes.keys()]
    .filter((name) => name[0] !== '.' && all.indexOf(name) === all.lastIndexOf(name))
    .sort();
  const letters = to?.replace('...', '');
  const output =
    letters === undefined
      ? [...ellipsis, ...once]
      : namesOf(equation, to!, letters.length + (letters === to ? 0 : ellipsis.length));
  if (output.some((name, i) => !sizes.has(name) || output.indexOf(name) < i))
    throw wrong(equation, 'the result has an axis twice, or one that no operand has');

  const needed = (others: readonly Term[]) => new Set([...output, ...others.flatMap(({ axes }) => axes)]);
  while (terms.length > 1) {
    const [i, j] = cheapest(terms, sizes);
    const others = terms.filter((_, k) => k !== i && k !== j);
    others.splice(i, 0, product(terms[i]!, terms[j]!, needed(others), sizes));
    terms = others;
  }
  const y = permuted(
    keep(terms[0]!, (name) => output.includes(name)),
    output,
  );
  return operands.includes(y) ? reshape(y, y.shape) : y;
}
