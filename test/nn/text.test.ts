import { beforeEach, describe, expect, test } from 'vitest';
import { memory, nn, relu, ShapeError, type Tensor, zeros } from '../../src/index.js';
import { Layer, Model } from './model.js';

let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('as text', () => {
  test('toString is the tree, as PyTorch prints it', () => {
    expect(String(model)).toBe(
      [
        'Model(',
        '  (stem): Layer(size=2)',
        '  (hidden_layers.0): Sequential(',
        '    (0): Layer(size=2)',
        '    (1): ReLU()',
        '  )',
        '  (hidden_layers.1): Identity()',
        '  (head): Layer(size=2)',
        ')',
      ].join('\n'),
    );
  });

  test('the summary has a row per layer, its output shape and own parameters, and the totals', () => {
    model.stem.requireGrad(false);
    expect(model.summary([2], { batchSize: 5 })).toBe(
      [
        'Layer                          Output shape  Parameters',
        '───────────────────────────────────────────────────────',
        'Model                          [5, 2]                 1',
        '  stem: Layer                  [5, 2]                 6',
        '  hidden_layers.0: Sequential  [5, 2]                 0',
        '    0: Layer                   [5, 2]                 4',
        '    1: ReLU                    [5, 2]                 0',
        '  hidden_layers.1: Identity    [5, 2]                 0',
        '  head: Layer                  [5, 2]                 6',
        '───────────────────────────────────────────────────────',
        'Parameters   17, of which 11 trained: 68 B',
        'Buffers      18: 72 B',
        'Activations  160 B for 5 samples',
      ].join('\n'),
    );
  });

  test('the summary leaves modes and memory as they were, also after an error', () => {
    model.train();
    model.stem.eval();
    const before = memory();
    model.summary([2]);
    expect(model.summary([zeros([7, 2])])).toMatch(/stem: Layer +\[7, 2\][\s\S]*for these inputs/);
    expect(() => model.summary([3])).toThrow(ShapeError);
    expect(model.modules().map(({ training }) => training)).toEqual([true, false, true, true, true, true, true]);
    expect(memory().tensors).toBe(before.tensors + 1);
  });

  test('layers that forward does not reach are shown as such', () => {
    class Unused extends nn.Module {
      spare = new Layer();
      forward(x: Tensor): Tensor {
        return relu(x);
      }
    }
    expect(new Unused().summary([2])).toMatch(/spare: Layer +not run +6/);
  });
});
