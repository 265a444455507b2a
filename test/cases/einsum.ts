import { einsum } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { einsumOf } from '../support/einsum.js';

/** Rows of `einsum`: the equation and the shapes of the operands. */
export const einsums: readonly Case[] = (
  [
    ['i->', [[5]]],
    ['ij->ji', [[3, 4]]],
    ['ii', [[4, 4]]],
    ['iji->ij', [[3, 2, 3]]],
    ['i,i->i', [[5], [5]]],
    ['i,j', [[3], [4]]],
    ['ij,jk->ik', [[3, 5], [5, 2]]],
    ['bhqd,bhkd->bhqk', [[2, 3, 4, 5], [2, 3, 2, 5]]],
    ['...ij,...jk', [[2, 1, 3, 4], [3, 4, 2]]],
    ['bn,anm,bm->ba', [[2, 3], [4, 3, 5], [2, 5]]],
    ['ab,bc,cd,de->ae', [[2, 3], [3, 4], [4, 2], [2, 3]]],
    ['ij,j->ij', [[3, 1], [4]]],
    ['ij,jk->ik', [[2, 0], [0, 3]]],
  ] as [string, number[][]][]
).map(([equation, shapes]) => ({
  name: `einsum ${equation} of ${shapes.map((shape) => `[${shape}]`).join(', ')}`,
  inputs: shapes.map((shape) => ({ shape, range: [-1, 1] })),
  run: (...operands) => einsum(equation, ...operands),
  twin: (...operands) => einsumOf(equation, operands),
})); // biome-ignore format: one a line
