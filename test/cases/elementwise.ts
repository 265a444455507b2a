import { add, broadcastTo, div, exp, log, mul, neg, relu, sub, type Tensor } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { build, at, map, zip } from '../support/reference.js';

/** None, one, fewer than a vector, one more than a vector, several with a rest. */
const SHAPES = [[0], [1], [3], [5], [3, 7], [2, 3, 11]];

interface Unary { name: string; run: (x: Tensor) => Tensor; twin: (x: number) => number; range?: readonly [number, number] }

const unary = (rows: readonly Unary[]): Case[] => rows.flatMap(({ name, run, twin, range }) => SHAPES.map((shape): Case => ({
  name: `${name} of [${shape}]`,
  inputs: [{ shape, ...(range === undefined ? {} : { range }) }],
  run,
  twin: (x) => map(x, twin),
})));

/** Each way of repeating that kernels tell apart, and empty ones. */
const PAIRS: [number[], number[]][] = [
  [[0], [0]], [[1], [1]], [[7], [7]], [[2, 3, 5], [2, 3, 5]],
  [[2, 3], []], [[], [5]], [[3, 5], [1]], [[3, 6], [6]], [[7], [3, 7]], [[3, 5], [3, 1]], [[1, 4], [5, 1]],
  [[2, 3, 2, 2], [3, 1, 1]], [[2, 3, 2, 2], [1, 3, 1, 1]], [[3, 1, 2], [1, 2, 1]], [[2, 1, 3, 1, 2], [1, 2, 1, 2, 1]],
  [[2, 1, 2, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 1, 1, 2]], [[0, 3], [1, 3]], [[2, 0], [2, 1]],
];

interface Binary { name: string; run: (a: Tensor, b: Tensor) => Tensor; twin: (a: number, b: number) => number; range?: readonly [number, number] }

const binary = (rows: readonly Binary[]): Case[] => rows.flatMap(({ name, run, twin, range }) => PAIRS.map(([a, b]): Case => ({
  name: `${name} of [${a}] and [${b}]`,
  inputs: [{ shape: a }, { shape: b, ...(range === undefined ? {} : { range }) }],
  run,
  twin: (x, y) => zip(x, y, twin),
})));

export const elementwise: readonly Case[] = [
  ...unary([
    { name: 'relu', run: relu, twin: (x) => Math.max(x, 0) },
    { name: 'neg', run: neg, twin: (x) => -x },
    { name: 'exp', run: exp, twin: Math.exp },
    { name: 'log', run: log, twin: Math.log, range: [0.1, 4] },
    { name: 'x + 2.5', run: (x) => add(x, 2.5), twin: (x) => x + 2.5 },
    { name: '1 - x', run: (x) => sub(1, x), twin: (x) => 1 - x },
    { name: 'x·3', run: (x) => mul(x, 3), twin: (x) => x * 3 },
    { name: '2 / x', run: (x) => div(2, x), twin: (x) => 2 / x, range: [0.5, 2] },
    { name: 'x / 4', run: (x) => div(x, 4), twin: (x) => x / 4 },
  ]),
  ...binary([
    { name: 'add', run: add, twin: (a, b) => a + b },
    { name: 'sub', run: sub, twin: (a, b) => a - b },
    { name: 'mul', run: mul, twin: (a, b) => a * b },
    { name: 'div', run: div, twin: (a, b) => a / b, range: [0.5, 2] },
  ]),
  ...([[[], [3]], [[1], [2, 5]], [[1, 3, 1], [2, 3, 2]], [[4], [0, 4]], [[2, 1, 9], [2, 17, 9]], [[1, 6], [35, 6]], [[40], [40]]] as const).map(([from, to]): Case => ({
    name: `broadcastTo [${from}] to [${to}]`,
    inputs: [{ shape: from }],
    run: (x) => broadcastTo(x, to),
    twin: (x) => build(to, (index) => at(x, index)),
  })),
];
