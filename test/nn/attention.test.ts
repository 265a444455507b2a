import { beforeAll, describe, expect, test } from 'vitest';
import {
  DTypeError,
  init,
  LanewiseError,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  randn,
  ShapeError,
  scaledDotProductAttention,
  scope,
  tensor,
  zeros,
} from '../../src/index.js';

beforeAll(() => init());

const mask = (rows: number[][]) => tensor(rows, { dtype: 'uint8' });

describe('scaledDotProductAttention', () => {
  test('refuses shapes and masks that do not fit', () => {
    scope(() => {
      const q = ones([2, 3, 4]);
      expect(() => scaledDotProductAttention(q, ones([2, 5, 3]), ones([2, 5, 3]))).toThrow(
        'scaledDotProductAttention: q, k and v must be […, L, E], […, S, E] and […, S, Ev], ' +
          'not [2, 3, 4], [2, 5, 3], [2, 5, 3]',
      );
      expect(() => scaledDotProductAttention(q, q, ones([2, 5, 3]))).toThrow(ShapeError);
      expect(() => scaledDotProductAttention(q, q, q, { attnMask: ones([4, 4]) })).toThrow(ShapeError);
      expect(() => scaledDotProductAttention(q, q, q, { attnMask: zeros([3, 3], { dtype: 'int32' }) })).toThrow(
        DTypeError,
      );
      expect(() => scaledDotProductAttention(q, q, q, { dropoutP: 2 })).toThrow(LanewiseError);
    });
  });

  test('drops weights by the seed', () => {
    scope(() => {
      const x = randn([2, 8, 4]);
      const dropped = (seed: number) => {
        manualSeed(seed);
        return scaledDotProductAttention(x, x, x, { dropoutP: 0.5 }).toArray();
      };
      expect(dropped(1)).toEqual(dropped(1));
      expect(dropped(1)).not.toEqual(dropped(2));
    });
  });

  test('a causal query does not see what comes after it', () => {
    scope(() => {
      const x = randn([1, 6, 4]);
      const later = x.slice(0, 4, { axis: 1 });
      const all = scaledDotProductAttention(x, x, x, { isCausal: true });
      const some = scaledDotProductAttention(later, later, later, { isCausal: true });
      const [left, right] = [all.slice(0, 4, { axis: 1 }).view(), some.view()];
      expect(Math.max(...Array.from(left, (value, i) => Math.abs(value - right[i]!)))).toBeLessThan(1e-6);
    });
  });
});

describe('MultiheadAttention', () => {
  test('says what is wrong', () => {
    scope(() => {
      expect(() => new nn.MultiheadAttention(6, 4)).toThrow('embedDim = 6 cannot be shared out among 4 heads');
      const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
      const x = ones([2, 3, 4]);
      expect(() => attention.forward(x, ones([3, 4]), x)).toThrow(
        'query, key and value must be [N, L, E] or [L, E], not [2, 3, 4], [3, 4], [2, 3, 4]',
      );
      expect(() => attention.forward(x, x, x, { attnMask: mask([[1, 0]]) })).toThrow(
        'attnMask of shape [1, 2] does not fit [3, 3]',
      );
      expect(() => attention.forward(x, x, x, { keyPaddingMask: mask([[1, 0, 0]]) })).toThrow(
        'keyPaddingMask of shape [1, 3] does not fit [2, 1, 1, 3]',
      );
      expect(() => attention.forward(x, x, x, { causal: true } as object)).toThrow(
        /MultiheadAttention.forward: .*causal[\s\S]*as in MultiheadAttention.forward\(/,
      );
      attention.dispose();
    });
  });

  test('weights are means over the heads, whose rows sum to 1; none where they are not wanted', () => {
    scope(() => {
      const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
      const x = randn([2, 3, 4]);
      const [, weights] = attention.forward(x, x, x);
      for (const sum of weights!.sum(-1).view()) expect(sum).toBeCloseTo(1, 5);
      const [, each] = attention.forward(x, x, x, { averageAttnWeights: false });
      expect(each!.shape).toEqual([2, 2, 3, 3]);
      expect(each!.mean(1).toArray()).toEqual(weights!.toArray());
      expect(attention.forward(x, x, x, { needWeights: false })[1]).toBeNull();
      attention.dispose();
    });
  });

  test('drops weights in training alone', () => {
    scope(() => {
      const attention = new nn.MultiheadAttention(4, 2, { dropout: 0.5 });
      const x = randn([9, 2, 4]);
      const once = () => attention.forward(x, x, x)[0].toArray();
      expect(once()).not.toEqual(once());
      attention.eval();
      expect(once()).toEqual(once());
      attention.dispose();
    });
  });

  test('begins as in PyTorch: Xavier uniform, biases 0', () => {
    scope(() => {
      manualSeed(1);
      const attention = new nn.MultiheadAttention(32, 4);
      const largest = Math.max(...Array.from(attention.inProjWeight!.view(), Math.abs));
      const bound = Math.sqrt(6 / (32 + 96));
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.98 * bound);
      for (const bias of [attention.inProjBias!, attention.outProj.bias!])
        expect(bias.view().every((value) => value === 0)).toBe(true);
      attention.dispose();
    });
  });
});

describe('TransformerEncoder', () => {
  const build = () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, batchFirst: true });

  test('has copies of the layer, which are no longer the same when they are trained', () => {
    scope(() => {
      const layer = build();
      const encoder = new nn.TransformerEncoder(layer, 2);
      expect(encoder.layers).not.toContain(layer);
      const [first, second] = encoder.layers.map(({ linear1 }) => linear1.weight);
      expect(first!.toArray()).toEqual(layer.linear1.weight.toArray());
      noGrad(() => first!.assign(zeros(first!.shape)));
      expect(second!.toArray()).toEqual(layer.linear1.weight.toArray());
      encoder.dispose();
      layer.dispose();
    });
  });

  test('takes encoder layers alone', () => {
    scope(() => {
      const layer = new nn.Linear(2, 2);
      expect(() => new nn.TransformerEncoder(layer as unknown as nn.TransformerEncoderLayer, 2)).toThrow(
        'TransformerEncoder: encoderLayer must be a TransformerEncoderLayer',
      );
      layer.dispose();
    });
  });

  test('names the layer in which something is wrong, and has a summary', () => {
    scope(() => {
      const layer = build();
      const encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(4) });
      expect(() => encoder.forward(ones([2, 3, 5]))).toThrow(/in layer layers\.0/);
      expect(() => encoder.forward(ones([2, 3, 4]), { srcMask: null } as object)).toThrow(
        /TransformerEncoder.forward: .*srcMask/,
      );
      expect(encoder.summary([3, 4])).toMatch(/layers\.1: TransformerEncoderLayer +\[1, 3, 4\]/);
      encoder.dispose();
      layer.dispose();
    });
  });

  test('leaves nothing alive after a step', () => {
    const layer = build();
    const encoder = new nn.TransformerEncoder(layer, 2);
    const step = () =>
      scope(() => {
        const padding = mask([
          [0, 0, 1],
          [0, 0, 0],
        ]);
        encoder
          .forward(randn([2, 3, 4]), { isCausal: true, srcKeyPaddingMask: padding })
          .sum()
          .backward();
        encoder.zeroGrad();
      });
    step();
    const before = memory();
    for (let i = 0; i < 5; i++) step();
    expect(memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
    encoder.dispose();
    layer.dispose();
  });
});

describe('SinusoidalPositions', () => {
  test('are those of any length, and not part of the state dict', () => {
    scope(() => {
      const positions = new nn.SinusoidalPositions(4);
      const short = positions.forward(zeros([2, 4])).toArray<number[][]>();
      const long = positions
        .forward(zeros([9, 3, 4]))
        .select(1, 2)
        .toArray<number[][]>();
      expect(long.slice(0, 2)).toEqual(short);
      expect(positions.stateDict()).toEqual({});
      expect(() => positions.forward(zeros([2, 5]))).toThrow('the input must be [L, N, 4] or [L, 4], not [2, 5]');
    });
  });
});

describe('InstanceNorm', () => {
  test('says what is wrong', () => {
    scope(() => {
      const norm = new nn.InstanceNorm1d(3);
      expect(() => norm.forward(ones([2, 4, 5]))).toThrow('the input must be [N, 3, L] or [3, L], not [2, 4, 5]');
      expect(() => norm.forward(ones([2, 3, 1]))).toThrow('training needs more than 1 value per channel');
      expect(
        norm
          .eval()
          .forward(ones([2, 3, 1]))
          .toArray(),
      ).toEqual(zeros([2, 3, 1]).toArray());
    });
  });
});

describe('layers of sequences', () => {
  test('say what is wrong in the words of sequences', () => {
    scope(() => {
      const layer = new nn.Conv1d(2, 4, 3);
      expect(() => layer.forward(ones([2, 3, 7]))).toThrow(/^conv1d: the input has 3 channels/);
      expect(() => layer.forward(ones([2, 2, 2]))).toThrow(/^conv1d: the kernel .* is larger than the padded input/);
      expect(() => layer.forward(ones([2, 2, 1, 7]))).toThrow('conv1d: the input must be [N, C, L] or [C, L]');
      expect(() => new nn.MaxPool1d(3).forward(ones([1, 2]))).toThrow(/^maxPool1d: the window \(3\) is larger/);
      expect(() => new nn.AvgPool1d(3, { padding: 2 }).forward(ones([1, 9]))).toThrow(/^avgPool1d: padding 2 is more/);
      layer.dispose();
    });
  });
});
