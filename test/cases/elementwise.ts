import { relu } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { map } from '../support/reference.js';

export const elementwise: readonly Case[] = [
  ...[[0], [1], [3], [5], [3, 7], [2, 3, 11]].map((shape): Case => ({
    name: `relu of [${shape}]`,
    inputs: [{ shape }],
    run: relu,
    twin: (x) => map(x, (value) => Math.max(value, 0)),
  })),
];
