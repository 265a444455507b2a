/** What `backward()` needs may be overwritten before it runs: it says so, and only where it matters. */
import { describe, expect, test } from 'vitest';
import { AutogradError, crossEntropy, nn, ones, optim, randn, record, tensor, zeros } from '../../src/index.js';

describe('assign', () => {
  test('to what a backward pass reads is refused, with both operations named', () => {
    const w = ones([2], { requiresGrad: true });
    const loss = w.square().sum();
    w.assign([5, 5]);
    expect(() => loss.backward()).toThrow(
      new AutogradError('a tensor of shape [2] that square needs was overwritten by assign', {
        where: 'backward',
        hint: 'call backward() before optimizer.step(), assign() and the like, or compute the loss anew after them',
      }),
    );
    expect(w.grad).toBeNull();
  });

  test('to what no backward pass reads is free', () => {
    const w = ones([2], { requiresGrad: true });
    const loss = w.add(1).mul(3).sum();
    w.assign([5, 5]);
    loss.backward();
    expect(w.grad!.toArray()).toEqual([3, 3]);
  });

  test('before the operation, or to what is made later, is free', () => {
    const w = ones([2], { requiresGrad: true }).assign([2, 3]);
    const loss = w.square().sum();
    zeros([2]).assign([1, 1]);
    loss.backward();
    expect(w.grad!.toArray()).toEqual([4, 6]);
    w.assign([5, 5]);
    w.zeroGrad();
    w.square().sum().backward();
    expect(w.grad!.toArray()).toEqual([10, 10]);
  });

  test('through a reshape counts too', () => {
    const w = ones([4], { requiresGrad: true });
    const loss = w.mul(w).sum();
    w.detach().reshape([2, 2]).assign([1, 2, 3, 4]);
    expect(() => loss.backward()).toThrow(/overwritten by assign/);
  });

  test('to an intermediate result counts where it was saved', () => {
    const w = ones([2], { requiresGrad: true });
    const y = w.exp();
    const loss = y.sum();
    y.detach().assign([0, 0]);
    expect(() => loss.backward()).toThrow(/that exp needs was overwritten/);
  });

  test('an input without a gradient counts as well', () => {
    const [w, x] = [ones([2], { requiresGrad: true }), ones([2])];
    const loss = w.mul(x).sum();
    x.assign([7, 7]);
    expect(() => loss.backward()).toThrow(/that mul needs was overwritten/);
  });
});

describe('an optimizer', () => {
  const kinds = {
    SGD: (p: nn.Parameter) => new optim.SGD([p], { lr: 0.25 }),
    Adam: (p: nn.Parameter) => new optim.Adam([p]),
    AdamW: (p: nn.Parameter) => new optim.AdamW([p]),
    Adagrad: (p: nn.Parameter) => new optim.Adagrad([p]),
    Adadelta: (p: nn.Parameter) => new optim.Adadelta([p]),
    NAdam: (p: nn.Parameter) => new optim.NAdam([p]),
    RAdam: (p: nn.Parameter) => new optim.RAdam([p]),
    RMSprop: (p: nn.Parameter) => new optim.RMSprop([p]),
  };
  for (const [name, make] of Object.entries(kinds)) {
    test(`${name} that steps between two losses`, () => {
      const p = new nn.Parameter(ones([2]));
      const optimizer = make(p);
      const first = p.square().sum();
      const second = p.mul(p).mul(p).sum();
      first.backward();
      optimizer.step();
      optimizer.zeroGrad();
      expect(() => second.backward()).toThrow(new RegExp(`overwritten by ${name}.step\\(\\)`));
      expect(p.grad).toBeNull();
    });
  }

  test('that steps after each loss is as ever', () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.ReLU(), new nn.Linear(4, 2));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const [x, y] = [randn([5, 3]), tensor([0, 1, 0, 1, 1], { dtype: 'int32' })];
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    }
  });
});

describe('everything that writes in place counts', () => {
  const writers: Record<string, (w: nn.Parameter) => unknown> = {
    'nn.init.constant': (w) => nn.init.constant(w, 3),
    'nn.init.uniform': (w) => nn.init.uniform(w),
    'nn.init.normal': (w) => nn.init.normal(w),
    'nn.init.orthogonal': (w) => nn.init.orthogonal(w),
    'nn.init.truncNormal': (w) => nn.init.truncNormal(w),
    'nn.init.eye': (w) => nn.init.eye(w),
    loadStateDict: (w) => {
      const m = new nn.Linear(2, 2, { bias: false });
      m.weight = w as never;
      m.loadStateDict({ weight: ones([2, 2]) });
    },
  };
  for (const [name, write] of Object.entries(writers)) {
    test(name, () => {
      const w = new nn.Parameter(ones([2, 2]));
      const loss = w.square().sum();
      write(w);
      expect(() => loss.backward()).toThrow(/that square needs was overwritten/);
    });
  }

  test('the sum of gradients', () => {
    const p = new nn.Parameter(ones([2]));
    p.square().sum().backward();
    const penalty = p.mul(p.grad!).sum();
    p.square().sum().backward();
    expect(() => penalty.backward()).toThrow(/that mul needs was overwritten by backward\(\)/);
  });

  for (const name of ['clipGradNorm', 'clipGradValue'] as const) {
    test(name, () => {
      const p = new nn.Parameter(ones([2]));
      p.square().sum().backward();
      const penalty = p.mul(p.grad!).sum();
      optim[name]([p], 0.1);
      expect(() => penalty.backward()).toThrow(new RegExp(`that mul needs was overwritten by ${name}`));
    });
  }
});

describe('gradients that are given', () => {
  const w = () => ones([2, 3], { requiresGrad: true });

  test('grad takes a tensor of its shape and dtype, or null', () => {
    const p = w();
    const gradient = ones([2, 3]);
    p.grad = gradient;
    expect(p.grad).toBe(gradient);
    p.grad = null;
    const freed = ones([2, 3]);
    freed.dispose();
    for (const [wrong, message] of [
      [ones([1]), /a gradient of shape \[1\] for a tensor of shape \[2, 3\]/],
      [ones([3, 2]), /shape \[3, 2\]/],
      [ones([6]), /shape \[6\]/],
      [ones([2, 3], { dtype: 'int32' }), /grad: the gradient is int32, the tensor float32/],
      [ones([2, 3], { dtype: 'uint8' }), /uint8/],
      [freed, /was freed/],
      [p, /its own gradient/],
      [undefined, /a gradient must be a tensor, not left out/],
      [1, /not 1/],
      [new Float32Array(6), /not a Float32Array/],
    ] as const) {
      expect(() => {
        p.grad = wrong as never;
      }, String(message)).toThrow(message);
      expect(p.grad).toBeNull();
    }
  });

  test('a backward pass must give float32', () => {
    const x = w();
    const y = record('integers', zeros([2, 3]), [x], () => [ones([2, 3], { dtype: 'int32' })]);
    expect(() => y.sum().backward()).toThrow(/integers: the gradient is int32, the tensor float32/);
    expect(x.grad).toBeNull();
  });

  test('backward takes one of the shape and dtype of the result', () => {
    const y = w().mul(3);
    for (const wrong of [
      ones([2, 3], { dtype: 'int32' }),
      ones([2, 3], { dtype: 'uint8' }),
      ones([3, 2]),
      ones([1]),
      1,
      [1],
      null,
    ]) {
      expect(() => y.backward({ gradient: wrong as never })).toThrow(/backward: /);
    }
    y.backward({ gradient: ones([2, 3]) });
    const z = w().mul(2);
    z.backward({ gradient: z });
  });
});
