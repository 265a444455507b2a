/** What a sweep tries: the values of its parameters, and the rungs of successive halving. */
import { describe, expect, test } from 'vitest';
import { parseParam, trialFlags } from '../../src/cli/param.js';
import { ArgumentError } from '../../src/index.js';
import { describeTrial, drawTrials, gridOf } from '../../src/sweep/params.js';
import { halvingRungs } from '../../src/sweep/rungs.js';

describe('parameters', () => {
  test('are lists of values, or ranges', () => {
    expect(parseParam('lr=log:1e-4:1e-1:8')).toEqual({ name: 'lr', scale: 'log', low: 1e-4, high: 1e-1, count: 8 });
    expect(parseParam('momentum=linear:0:0.9')).toEqual({
      name: 'momentum',
      scale: 'linear',
      low: 0,
      high: 0.9,
      count: null,
    });
    expect(parseParam('weight-decay=0,1e-4')).toEqual({ name: 'weightDecay', values: [0, 1e-4] });
    expect(parseParam('model=mlp,mlp-bn')).toEqual({ name: 'model', values: ['mlp', 'mlp-bn'] });
    expect(parseParam('hidden=128,64;256')).toEqual({ name: 'hidden', values: [[128, 64], [256]] });
    expect(parseParam('normalize=true,false')).toEqual({ name: 'normalize', values: [true, false] });
  });

  test.each([
    ['lr', 'NAME=VALUES'],
    ['momentun=1', 'did you mean momentum?'],
    ['lt=1', 'there is no training option "lt"'],
    ['lr=', 'NAME=VALUES'],
    ['lr=fast', 'must be a number'],
    ['lr=log:0:1:3', 'LOW above 0'],
    ['lr=log:1:0.1:3', 'LOW ≤ HIGH'],
    ['lr=log:1e-3', 'LOW:HIGH'],
    ['lr=log:1e-3:1:0', 'COUNT must be'],
    ['lr=log:1e-3:1:2.5', 'COUNT must be'],
    ['lr=log:1e-3:1:3:4', 'LOW:HIGH'],
    ['lr=linear:-1:1:3', 'from 0 to'],
    ['model=log:1:2:3', 'list its values'],
    ['model=vgg', 'one of'],
    ['nesterov=yes', 'true or false'],
    ['data=/a,/b', 'cannot be varied'],
    ['limit=10,20', 'the same images'],
  ])('%s is refused', (text, message) => {
    expect(() => parseParam(text)).toThrow(ArgumentError);
    expect(() => parseParam(text)).toThrow(message);
  });

  test('make a grid of every combination', () => {
    expect(gridOf(['lr=log:0.01:1:3', 'model=mlp,mlp-bn'].map(parseParam))).toEqual([
      { lr: 0.01, model: 'mlp' },
      { lr: 0.01, model: 'mlp-bn' },
      { lr: 0.1, model: 'mlp' },
      { lr: 0.1, model: 'mlp-bn' },
      { lr: 1, model: 'mlp' },
      { lr: 1, model: 'mlp-bn' },
    ]);
    // Whole numbers, each once.
    expect(gridOf([parseParam('batchSize=log:1:8:7')]).map(({ batchSize }) => batchSize)).toEqual([1, 2, 3, 4, 6, 8]);
    expect(() => gridOf([parseParam('lr=log:0.01:1')])).toThrow('lr=log:0.01:1:COUNT');
  });

  test('are drawn evenly on their scale, the same from the same seed', () => {
    const params = ['lr=log:1e-4:1', 'momentum=linear:0.2:0.8', 'batchSize=linear:1:4', 'model=cnn,cnn-bn,lenet5'].map(
      parseParam,
    );
    const trials = drawTrials(params, 3000, 5);
    expect(drawTrials(params, 3000, 5)).toEqual(trials);
    expect(drawTrials(params, 3000, 6)).not.toEqual(trials);
    const column = (name: string) => trials.map((values) => values[name] as number);
    // Shares of 3,000 draws: a deviation is at most 0.0091, five of them 0.046.
    const share = (name: string, holds: (value: number) => boolean) => column(name).filter(holds).length / 3000;
    for (const edge of [1e-3, 1e-2, 1e-1])
      expect(share('lr', (value) => value < edge)).toBeCloseTo(Math.log10(edge / 1e-4) / 4, 1);
    expect(Math.abs(share('momentum', (value) => value < 0.35) - 0.25)).toBeLessThan(0.046);
    expect(column('lr').every((value) => value >= 1e-4 && value <= 1 && value === Number(value.toPrecision(5)))).toBe(
      true,
    );
    expect([...new Set(column('batchSize'))].sort()).toEqual([1, 2, 3, 4]);
    for (const model of ['cnn', 'cnn-bn', 'lenet5'])
      expect(Math.abs(trials.filter((values) => values.model === model).length / 3000 - 1 / 3)).toBeLessThan(0.046);
  });

  test('are named by their settings, and on the command line by flags', () => {
    expect(describeTrial({ lr: 0.01, hidden: [8, 4], normalize: true })).toBe('lr 0.01, hidden 8,4, normalize true');
    expect(
      trialFlags({ lr: 0.01, batchSize: 64, hidden: [8, 4], normalize: true, shuffle: false, nesterov: false }),
    ).toBe('--lr 0.01 --batch-size 64 --hidden 8,4 --normalize --no-shuffle');
  });
});

describe('successive halving', () => {
  test.each([
    [
      27,
      9,
      3,
      1,
      [
        [1, 27],
        [3, 9],
        [9, 3],
      ],
    ],
    [
      9,
      4,
      2,
      1,
      [
        [1, 9],
        [2, 5],
        [4, 3],
      ],
    ],
    [
      16,
      10,
      3,
      1,
      [
        [1, 16],
        [3, 6],
        [10, 2],
      ],
    ],
    [4, 1, 3, 1, [[1, 4]]],
    [
      8,
      16,
      2,
      4,
      [
        [4, 8],
        [8, 4],
        [16, 2],
      ],
    ],
    [
      1,
      9,
      3,
      1,
      [
        [1, 1],
        [3, 1],
        [9, 1],
      ],
    ],
  ] as const)('of %i trials up to %i epochs by %i from %i on', (trials, epochs, factor, least, rungs) => {
    expect(halvingRungs(trials, epochs, factor, least)).toEqual(
      rungs.map(([budget, left]) => ({ epochs: budget, trials: left })),
    );
  });

  test('refuses what is not a factor, or too few epochs', () => {
    expect(() => halvingRungs(4, 4, 1)).toThrow(ArgumentError);
    expect(() => halvingRungs(4, 2, 2, 3)).toThrow('at least 3 epochs');
  });
});
