/** Sums of products over named axes. */
import * as ops from '../../ops/index.js';
import { sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Value } from '../values.js';
import type { Call, Operators } from './call.js';

/** A tensor whose axes have names. */
interface Term {
  readonly x: Tensor;
  readonly axes: readonly string[];
}

/** What an ellipsis stands for: names that no letter has. */
const others = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${i}`);

/** The names of a term of the equation, for a tensor of so many axes. */
function namesOf(call: Call, text: string, rank: number): string[] {
  const [before, after, ...rest] = text.split('...');
  const letters = [...before!, ...(after ?? '')];
  if (rest.length > 0 || letters.some((letter) => !/[a-zA-Z]/.test(letter)))
    throw call.unsupported(`there is no term ${JSON.stringify(text)}`);
  const count = rank - letters.length;
  if (after === undefined ? count !== 0 : count < 0)
    throw call.unsupported(`the term ${JSON.stringify(text)} has not the ${rank} axes of its input`);
  // The axes of ellipses are aligned at the last one.
  return [...before!, ...(after === undefined ? [] : others(count).reverse()), ...(after ?? '')];
}

/** Axes that no later operand needs are summed. */
function reduced({ x, axes }: Term, needed: ReadonlySet<string>): Term {
  const gone = axes.flatMap((name, axis) => (needed.has(name) ? [] : [axis]));
  return gone.length === 0 ? { x, axes } : { x: ops.sum(x, gone), axes: axes.filter((name) => needed.has(name)) };
}

const permuted = ({ x, axes }: Term, order: readonly string[]): Tensor =>
  ops.permute(
    x,
    order.map((name) => axes.indexOf(name)),
  );

/** The product of two terms, as one product of matrices for each combination of the axes that both keep. */
function product(call: Call, a: Term, b: Term, needed: ReadonlySet<string>): Term {
  const both = a.axes.filter((name) => b.axes.includes(name));
  const batch = both.filter((name) => needed.has(name));
  const inner = both.filter((name) => !needed.has(name));
  const left = a.axes.filter((name) => !both.includes(name));
  const right = b.axes.filter((name) => !both.includes(name));
  const length = (name: string): number => {
    const [own, other] = [a, b].map(({ x, axes }) => x.shape[axes.indexOf(name)]) as [number?, number?];
    if (own !== undefined && other !== undefined && own !== other)
      throw call.unsupported(`the axis ${name} has ${own} and ${other} elements`);
    return (own ?? other)!;
  };
  const [outer, rows, columns, depth] = [batch, left, right, inner].map((names) => names.map(length)) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const lefts = ops.reshape(permuted(a, [...batch, ...left, ...inner]), [...outer, sizeOf(rows), sizeOf(depth)]);
  const rights = ops.reshape(permuted(b, [...batch, ...inner, ...right]), [...outer, sizeOf(depth), sizeOf(columns)]);
  const x = ops.reshape(ops.matmul(lefts, rights), [...outer, ...rows, ...columns]);
  return { x, axes: [...batch, ...left, ...right] };
}

function einsum(call: Call): Value {
  const equation = call.text('equation', '').replaceAll(' ', '');
  const [from, to] = equation.split('->') as [string, string?];
  const texts = from.split(',');
  if (texts.length !== call.inputs.length)
    throw call.unsupported(`${JSON.stringify(equation)} has ${texts.length} terms for ${call.inputs.length} inputs`);
  const terms = texts.map((text, i): Term => {
    const { tensor: x } = call.input(i);
    const axes = namesOf(call, text, x.rank);
    if (new Set(axes).size !== axes.length) throw call.unsupported('it takes a diagonal');
    return { x, axes };
  });
  const all = terms.flatMap(({ axes }) => axes);
  const open = [...new Set(all)];
  const ellipsis = open
    .filter((name) => name.startsWith('.'))
    .sort()
    .reverse();
  // Without an arrow: the letters that stand once, in the order of the alphabet.
  const output =
    to === undefined
      ? [
          ...ellipsis,
          ...open.filter((name) => !name.startsWith('.') && all.indexOf(name) === all.lastIndexOf(name)).sort(),
        ]
      : namesOf(call, to, to.replace('...', '').length + (to.includes('...') ? ellipsis.length : 0));
  if (output.some((name) => !open.includes(name)) || new Set(output).size !== output.length)
    throw call.unsupported(`its output ${JSON.stringify(to)} has axes that no input has`);
  const needed = (rest: readonly Term[]): ReadonlySet<string> =>
    new Set([...output, ...rest.flatMap(({ axes }) => axes)]);
  const result = terms.slice(1).reduce(
    (sum, term, i) => {
      const rest = needed(terms.slice(i + 2));
      const left = reduced(sum, new Set([...rest, ...term.axes]));
      return product(call, left, reduced(term, new Set([...rest, ...left.axes])), rest);
    },
    reduced(terms[0]!, needed(terms.slice(1))),
  );
  return Value.of(permuted(result, output), call.x.type);
}

export const einsums: Operators = { Einsum: { takes: ['float'], since: 12, run: einsum } };
