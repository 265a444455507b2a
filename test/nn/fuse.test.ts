import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  crossEntropy,
  digest,
  manualSeed,
  memory,
  models,
  nn,
  noGrad,
  optim,
  rand,
  randint,
  randn,
  relu,
  type ShapeError,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.js';

/** Runs `body` with every layer by itself: that is what an observer sees. */
function unfused<R>(body: () => R): R {
  const stop = nn.observeForward(() => {});
  try {
    return body();
  } finally {
    stop();
  }
}

const networks: Record<string, () => nn.Sequential> = {
  mlp: () => models.mlp({ inputShape: [1, 12, 12], hidden: [20, 17] }),
  'mlp-bn': () => models.mlp({ inputShape: [1, 12, 12], hidden: [20, 17], batchNorm: true }),
  cnn: () => models.cnn({ inputShape: [1, 12, 12] }),
  'cnn-bn': () => models.cnn({ inputShape: [1, 12, 12], batchNorm: true }),
  lenet5: () => models.lenet5({ inputShape: [1, 12, 12] }),
  'mini-resnet': () => models.miniResNet({ inputShape: [1, 12, 12] }),
  'sequences-bn': () =>
    new nn.Sequential(
      new Rows(),
      new nn.Conv1d(12, 8, 3),
      new nn.BatchNorm1d<number>(8),
      new nn.ReLU(),
      new nn.Conv1d(8, 10, 3, { stride: 2 }),
      new nn.ReLU(),
      new nn.AdaptiveAvgPool1d(1),
      new nn.Flatten(),
    ),
};
const normalises = (name: string): boolean => name.endsWith('-bn') || name === 'mini-resnet';

/** The rows of an image as channels of a sequence. */
class Rows extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.squeeze(1);
  }
}

/** So many images that normalisations are folded where they may be. */
const MANY = 120;

/** A model after some steps, and everything that came out on the way. */
function train(build: () => nn.Sequential): { model: nn.Sequential; seen: unknown[] } {
  manualSeed(5);
  const model = build();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const seen: unknown[] = [];
  for (let step = 0; step < 4; step++) {
    scope(() => {
      const x = randn([9, 1, 12, 12], { requiresGrad: true });
      const output = model.forward(x);
      const loss = crossEntropy(output, randint(0, 10, [9]));
      optimizer.zeroGrad();
      loss.backward();
      seen.push(loss.item(), output.data(), x.grad!.data(), ...model.parameters().map(({ grad }) => grad!.data()));
      optimizer.step();
    });
  }
  optimizer.zeroGrad();
  optimizer.dispose();
  return { model, seen };
}

describe.each(Object.entries(networks))('%s: layers computed together', (name, build) => {
  test('train to the same outputs, gradients and weights, bit for bit', () => {
    const together = train(build);
    const apart = unfused(() => train(build));
    expect(together.seen).toEqual(apart.seen);
    expect(digest(together.model.stateDict())).toBe(digest(apart.model.stateDict()));
  });

  test('evaluate to the same bits where gradients are wanted, and without normalisation to fold', () => {
    const { model } = train(build);
    model.eval();
    const x = randn([MANY, 1, 12, 12]);
    const apart = unfused(() => model.forward(x)).data();
    expect(model.forward(x).data()).toEqual(apart);
    const folded = noGrad(() => model.forward(x)).data();
    if (!normalises(name)) expect(folded).toEqual(apart);
    // Between two roundings of the same sums: a few units in the last place of the largest.
    const largest = Math.max(...apart.map(Math.abs));
    expect(Math.max(...folded.map((value, i) => Math.abs(value - apart[i]!)))).toBeLessThan(1e-5 * largest);
    expect(noGrad(() => model.forward(x)).data()).toEqual(folded);
  });
});

describe('which layers are computed together', () => {
  /** The operations that a result was computed by, last first, along first inputs. */
  function operations(y: Tensor): string[] {
    return y.node === null ? [] : [y.node.name, ...operations(y.node.inputs[0]!)];
  }
  const x = (...shape: number[]) => randn(shape, { requiresGrad: true });

  test('a ReLU with what is before it', () => {
    const mlp = new nn.Sequential(
      new nn.Linear(4, 5),
      new nn.BatchNorm1d(5),
      new nn.ReLU(),
      new nn.Linear(5, 3),
      new nn.ReLU(),
      new nn.ReLU(),
    );
    expect(operations(mlp.forward(x(6, 4)))).toEqual(['relu', 'linear + relu', 'batchNorm', 'linear']);
    const body = () => new nn.Conv2d(2, 2, 3, { padding: 1 });
    const images = new nn.Sequential(
      body(),
      new nn.ReLU(),
      new nn.BatchNorm2d(2),
      new nn.Residual(body()),
      new nn.ReLU(),
    );
    expect(operations(images.forward(x(3, 2, 5, 5)))).toEqual(['addRelu', 'conv2d', 'batchNorm', 'conv2d + relu']);
  });

  test('not while somebody observes', () => {
    const net = new nn.Sequential(new nn.Linear(4, 5), new nn.ReLU());
    const events: string[] = [];
    const stop = nn.observeForward(({ module }) => {
      events.push(module.constructor.name);
    });
    try {
      expect(operations(net.forward(x(6, 4)))).toEqual(['relu', 'linear']);
    } finally {
      stop();
    }
    expect(events).toEqual(['Linear', 'ReLU', 'Sequential']);
    expect(operations(net.forward(x(6, 4)))).toEqual(['linear + relu']);
  });

  test('not subclasses, whether of the layer or of the ReLU', () => {
    class MyLinear extends nn.Linear {}
    class Leaky extends nn.ReLU {
      override forward(y: Tensor): Tensor {
        return relu(y).mul(2);
      }
    }
    expect(operations(new nn.Sequential(new MyLinear(4, 5), new nn.ReLU()).forward(x(6, 4)))).toEqual([
      'relu',
      'linear',
    ]);
    expect(operations(new nn.Sequential(new nn.Linear(4, 5), new Leaky()).forward(x(6, 4)))).toEqual([
      'mul',
      'relu',
      'linear',
    ]);
  });

  test('not a layer whose forward was replaced, before or after the first run; appended layers are', () => {
    const [linear, act] = [new nn.Linear(4, 5), new nn.ReLU()];
    const net = new nn.Sequential(linear);
    expect(operations(net.forward(x(6, 4)))).toEqual(['linear']);
    net.append(act);
    expect(operations(net.forward(x(6, 4)))).toEqual(['linear + relu']);
    const { forward } = act;
    act.forward = (y) => forward.call(act, y).mul(2);
    expect(operations(net.forward(x(6, 4)))).toEqual(['mul', 'relu', 'linear']);
    expect(operations(new nn.Sequential(linear, act).forward(x(6, 4)))).toEqual(['mul', 'relu', 'linear']);
    act.forward = forward;
    expect(operations(net.forward(x(6, 4)))).toEqual(['linear + relu']);
  });

  test('a layer of the user, where its class itself says so', () => {
    class Bias extends nn.Layer {
      protected compute(y: Tensor): Tensor {
        return y.add(1);
      }
      withRelu(y: Tensor): Tensor {
        return y.add(1).maximum(0);
      }
    }
    class Other extends Bias {}
    expect(operations(new nn.Sequential(new Bias(), new nn.ReLU()).forward(x(2)))).toEqual(['maximum', 'add']);
    expect(operations(new nn.Sequential(new Other(), new nn.ReLU()).forward(x(2)))).toEqual(['relu', 'add']);
  });

  describe('a replaced method of a class', () => {
    const { forward } = nn.ReLU.prototype;
    beforeEach(() => {
      nn.ReLU.prototype.forward = (y) => relu(y).mul(3);
    });
    afterEach(() => {
      nn.ReLU.prototype.forward = forward;
    });

    test('is called', () => {
      expect(operations(new nn.Sequential(new nn.Linear(4, 5), new nn.ReLU()).forward(x(6, 4)))).toEqual([
        'mul',
        'relu',
        'linear',
      ]);
    });
  });

  test('names, layers and text stay those of the layers', () => {
    const net = new nn.Sequential(new nn.Linear(4, 5), new nn.BatchNorm1d(5), new nn.ReLU());
    const before = [String(net), Object.keys(net.stateDict()), net.modules()];
    net.forward(x(6, 4));
    expect([String(net), Object.keys(net.stateDict()), net.modules()]).toEqual(before);
    expect(net.summary([4])).toMatch(/1: BatchNorm1d .*\n.*2: ReLU +\[1, 5\]/);
  });

  test('an error names the layer that it arose in', () => {
    const layerOf = (net: nn.Sequential, input: Tensor): string | undefined => {
      try {
        net.forward(input);
      } catch (error) {
        return (error as ShapeError).layer;
      }
      return expect.fail('nothing was thrown');
    };
    const nested = (...layers: nn.Module[]) =>
      new nn.Sequential({ outer: new nn.Sequential(new nn.Identity(), ...layers) });
    expect(layerOf(nested(new nn.Linear(4, 5), new nn.ReLU()), x(6, 3))).toBe('outer.1');
    expect(layerOf(nested(new nn.Linear(4, 5), new nn.BatchNorm1d(6), new nn.ReLU()), x(6, 4))).toBe('outer.2');
    // @ts-expect-error the body gives 5 features, the shortcut 4
    expect(layerOf(nested(new nn.Residual(new nn.Linear(4, 5)), new nn.ReLU()), x(6, 4))).toBe('outer.1');
    expect(layerOf(nested(new nn.Residual(new nn.Linear(4, 4)), new nn.ReLU()), x(6, 5))).toBe('outer.1.body');
    const mismatched = nested(new nn.Conv2d(2, 3, 1), new nn.BatchNorm2d(4), new nn.ReLU()).eval();
    expect(noGrad(() => layerOf(mismatched, x(80, 2, 9, 9)))).toBe('outer.2');
    const folding = nested(new nn.Conv2d(2, 3, 1), new nn.BatchNorm2d(3), new nn.ReLU()).eval();
    expect(layerOf(folding, x(2, 5, 9, 9))).toBe('outer.1');
    expect(noGrad(() => layerOf(folding, x(80, 5, 9, 9)))).toBe('outer.1');
    expect(noGrad(() => layerOf(folding, x(2, 90, 90)))).toBe('outer.2');
  });
});

describe('gradients', () => {
  test('are not overwritten where somebody keeps them', () => {
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU());
    const x = randn([5, 3]);
    const y = net.forward(x).retainGrad();
    const gradient = rand([5, 4]);
    const before = gradient.data();
    y.backward({ gradient, retainGraph: true });
    expect(y.grad!.data()).toEqual(before);
    expect(gradient.data()).toEqual(before);
    const once = net.parameters().map(({ grad }) => grad!.data());
    y.backward({ gradient });
    expect(net.parameters().map(({ grad }) => grad!.data())).toEqual(
      once.map((values) => values.map((value) => 2 * value)),
    );
  });

  test('reach what requires one, and nothing else', () => {
    const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.ReLU());
    net.requireGrad(false);
    const x = randn([2, 1, 5, 5], { requiresGrad: true });
    net.forward(x).sum().backward();
    expect(x.grad).not.toBeNull();
    expect(net.parameters().every(({ grad }) => grad === null)).toBe(true);
    expect(net.forward(randn([2, 1, 5, 5])).requiresGrad).toBe(false);
  });

  test('integers become float32 behind a block, as a ReLU makes them', () => {
    const net = new nn.Sequential(new nn.Residual(new nn.Identity()), new nn.ReLU());
    const y = net.forward(tensor([-3, 4], { dtype: 'int32' }));
    expect([y.dtype, y.toArray()]).toEqual(['float32', [0, 8]]);
  });

  test('NaN passes through, and its gradient, as through a ReLU of its own', () => {
    const run = () => {
      const net = new nn.Sequential(new nn.Linear(1, 1, { bias: false }), new nn.ReLU());
      net.parameters()[0]!.assign([1]);
      const x = tensor([[NaN], [-1], [0], [-0], [2]], { requiresGrad: true });
      const y = net.forward(x);
      y.sum().backward();
      const values = [y.data(), x.grad!.data()];
      return values;
    };
    expect(run()).toEqual(unfused(run));
    expect(run()[1]).toEqual(new Float32Array([1, 0, 0, 0, 1]));
  });
});

describe('a normalisation folded into the layer before it', () => {
  test('where there are more outputs than weights, and the statistics are fixed', () => {
    const net = new nn.Sequential(
      new nn.Conv2d(2, 3, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(3, { affine: false }),
      new nn.Conv2d(3, 2, 1),
      new nn.BatchNorm2d(2),
    );
    for (const buffer of net.buffers()) if (buffer.dtype === 'float32') buffer.assign(rand(buffer.shape).add(0.5));
    const x = randn([80, 2, 9, 9]);
    const training = noGrad(() => net.forward(x)).data();
    expect(unfused(() => noGrad(() => net.forward(x))).data()).toEqual(training);
    net.eval();
    const apart = unfused(() => net.forward(x)).data();
    const folded = noGrad(() => net.forward(x)).data();
    folded.forEach((value, i) => expect(Math.abs(value - apart[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(apart[i]!))));
    expect(folded).not.toEqual(apart);
    // A changed parameter counts at once: nothing is kept from one run to the next.
    net.parameters()[0]!.assign(rand(net.parameters()[0]!.shape));
    expect(noGrad(() => net.forward(x)).data()).not.toEqual(folded);
    // Few outputs: it would not pay.
    const small = randn([2, 2, 9, 9]);
    expect(noGrad(() => net.forward(small)).data()).toEqual(unfused(() => net.forward(small)).data());
  });

  test('leaves nothing alive', () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.ReLU()).eval();
    const x = randn([6000, 2]);
    const before = memory();
    noGrad(() => {
      net.forward(x);
    });
    expect({ ...memory(), peakBytes: 0, reservedBytes: 0 }).toEqual({ ...before, peakBytes: 0, reservedBytes: 0 });
  });
});
