/**
 * What the compiler made of the loops where the time goes, so that another version of it (or an innocent change) cannot
 * slow them unnoticed: a call that is no longer inlined, a load that moved in, an address that is computed again.
 */
import { describe, expect, test } from 'vitest';
import { hotLoop, innerLoops } from '../support/wat.js';

/** More live vectors than this do not fit the registers of x86-64 that V8 leaves to them, and are spilled. */
const REGISTERS = 15;

/**
 * Function of `assembly/` → vector multiplies, adds, loads, and all other instructions of one turn of its hottest loop.
 */
const hotLoops: Readonly<Record<string, readonly [multiplies: number, adds: number, loads: number, others: number]>> = {
  'gemm/tile/wholeTile': [8, 8, 6, 6],
  'gemm/tile/narrowTile': [4, 4, 5, 6],
  'gemm/sparse/addList': [8, 8, 10, 9],
  'conv/direct/correlate/eightColumns': [8, 8, 7, 5],
  'conv/lanes/correlate/correlateRow': [8, 8, 7, 5],
  'gemm/matvec/eightRows': [8, 8, 12, 36],
  'conv/lanes/backward_weight/sum4x2': [8, 8, 6, 8],
  'conv/direct/correlate_rows/tile4x8': [24, 24, 16, 25],
  'conv/sparse/backward_weight/f32_conv2d_sparse_backward_weight': [10, 10, 12, 17],
  'conv/sparse/backward_input/f32_conv2d_sparse_backward_input': [8, 8, 10, 10],
  'conv/winograd/forward/f32_conv2d_winograd_forward': [8, 8, 6, 5],
  'conv/winograd/multiply/multiplyTransposed': [8, 8, 6, 6],
};

describe('one turn of the hottest loop', () => {
  test.each(Object.entries(hotLoops))('%s', (name, [multiplies, adds, loads, others]) => {
    const { vectors, ...facts } = hotLoop(name);
    expect(facts).toEqual({ multiplies, adds, loads, stores: 0, calls: 0, others });
    expect(vectors).toBeLessThanOrEqual(REGISTERS);
  });
});

test.each(['adadelta', 'adagrad', 'adam', 'nadam', 'rmsprop', 'sgd'])(
  'no loop of the update by %s calls a function',
  (name) => {
    for (const { calls } of innerLoops(`optim/${name}/f32_${name}`)) expect(calls).toBe(0);
  },
);
