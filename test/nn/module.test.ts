import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataLoader,
  evaluate,
  fit,
  memory,
  nn,
  optim,
  relu,
  type ShapeError,
  scope,
  type Tensor,
  TensorDataset,
  tensor,
  zeros,
} from '../../src/index.js';
import { Layer, Model } from './model.js';

let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('parts', () => {
  test('properties, arrays and containers are found, under keys in snake_case', () => {
    expect(model.namedParameters().map(([key]) => key)).toEqual([
      'scale',
      'stem.weight',
      'stem.bias',
      'hidden_layers.0.0.weight',
      'head.weight',
      'head.bias',
    ]);
    expect(model.parameters()).toEqual(model.namedParameters().map(([, parameter]) => parameter));
    expect(
      model
        .namedBuffers()
        .map(([key]) => key)
        .slice(0, 3),
    ).toEqual(['stem.running_mean', 'stem.num_batches_tracked', 'stem.scratch']);
    expect(model.buffers().length).toBe(9);
    expect(model.namedChildren().map(([name]) => name)).toEqual(['stem', 'hidden_layers.0', 'hidden_layers.1', 'head']);
    expect(model.namedModules().map(([path]) => path)).toEqual([
      '',
      'stem',
      'hidden_layers.0',
      'hidden_layers.0.0',
      'hidden_layers.0.1',
      'hidden_layers.1',
      'head',
    ]);
  });

  test('a state dict has the parameters of a module before its persistent buffers', () => {
    expect(Object.keys(new Layer().stateDict())).toEqual(['weight', 'bias', 'running_mean', 'num_batches_tracked']);
    expect(model.stateDict()['stem.weight']).toBe(model.stem.weight);
  });

  test('what is shared is listed once, but is in the state dict at each of its places', () => {
    class Tied extends nn.Module {
      first = new Layer();
      again = this.first;
      weight = this.first.weight;
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const tied = new Tied();
    expect(tied.namedParameters().map(([key]) => key)).toEqual(['weight', 'first.bias']);
    expect(tied.children()).toEqual([tied.first]);
    expect(Object.keys(tied.stateDict())).toContain('again.running_mean');
    expect(Object.keys(tied.stateDict())).toContain('first.weight');
  });

  test('a #private field is not looked at; a module that contains itself is refused', () => {
    class Inner extends nn.Module {
      #parent: nn.AnyModule;
      constructor(parent: nn.AnyModule) {
        super();
        this.#parent = parent;
      }
      forward(x: Tensor): Tensor {
        return this.#parent === (this as nn.AnyModule) ? x : relu(x);
      }
    }
    class Outer extends nn.Module {
      inner = new Inner(this);
      loop: nn.AnyModule | null = null;
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    const outer = new Outer();
    expect(outer.modules().length).toBe(2);
    outer.loop = outer;
    expect(() => outer.parameters()).toThrow(/contains itself, at loop[\s\S]*#private/);
  });

  test('two properties of one key are refused', () => {
    class Clash extends nn.Module {
      someWeight = new nn.Parameter(zeros([1]));
      some_weight = new nn.Parameter(zeros([1]));
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(() => new Clash().stateDict()).toThrow(/some_weight/);
  });

  test('apply goes through the modules below first', () => {
    const seen: nn.AnyModule[] = [];
    model.apply((module) => {
      seen.push(module);
    });
    expect(seen).toEqual([model.stem, ...model.hiddenLayers[0]!.children(), ...model.hiddenLayers, model.head, model]);
  });
});

describe('modes and gradients', () => {
  test('train and eval reach every module', () => {
    expect(model.eval()).toBe(model);
    expect(model.modules().map(({ training }) => training)).not.toContain(true);
    model.train();
    expect(model.modules().map(({ training }) => training)).not.toContain(false);
  });

  test('requireGrad freezes and thaws, zeroGrad frees', () => {
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
    model.requireGrad(false);
    expect(model.parameters().some(({ requiresGrad }) => requiresGrad)).toBe(false);
    model.requireGrad();
    relu(model.scale).backward();
    expect(model.scale.grad?.item()).toBe(1);
    model.zeroGrad();
    expect(model.scale.grad).toBeNull();
  });

  test('parameters take over the tensor they are made of, outlive scopes, and go with dispose', () => {
    const before = memory();
    const made = scope(() => {
      const source = zeros([4]);
      const layer = new Layer();
      layer.weight = new nn.Parameter(source);
      expect(() => source.data()).toThrow(/new Parameter/);
      return { layer };
    });
    expect(made.layer.weight.toArray()).toEqual([0, 0, 0, 0]);
    made.layer.dispose();
    expect(made.layer.weight.disposed).toBe(true);
    expect(made.layer.runningMean.disposed).toBe(true);
    expect(memory().tensors).toBe(before.tensors + 1); // The weight that was replaced belongs to nothing now.
    expect(() => new nn.Parameter(zeros([2], { dtype: 'int32' }))).toThrow(/float32/);
  });

  test('a module may be used with `using`', () => {
    const layer = new Layer();
    layer[Symbol.dispose]();
    expect(layer.weight.disposed).toBe(true);
  });
});

describe('forward', () => {
  const fails = (run: () => unknown): ShapeError => {
    try {
      run();
    } catch (error) {
      return error as ShapeError;
    }
    return expect.fail('nothing was thrown');
  };

  test("is the class's own method, before and after it has run and was observed", () => {
    const { forward } = Model.prototype;
    const own = () => {
      expect(Model.prototype.forward).toBe(forward);
      expect(new Model().forward).toBe(forward);
      for (const module of model.modules()) expect(Object.hasOwn(module, 'forward')).toBe(false);
    };
    own();
    model.forward(zeros([5, 2]));
    const [stop, stopAgain] = [nn.observeForward(() => {}), nn.observeForward(() => {})];
    const during = new Model();
    stop();
    expect(Object.hasOwn(during, 'forward')).toBe(true);
    stopAgain();
    own();
    expect(during.forward).toBe(forward);
  });

  test('a property of that name stays, whether it was set before, while or after somebody observed', () => {
    const replacement = (x: Tensor) => x;
    const [before, during] = [new Model(), new Model()];
    before.forward = replacement;
    const paths: string[] = [];
    const stop = nn.observeForward(({ path }) => paths.push(path));
    before.forward(zeros([1]));
    during.forward = replacement;
    stop();
    expect(paths).toEqual(['']);
    expect([before.forward, during.forward]).toEqual([replacement, replacement]);
  });

  test('of a plain module: an error names the layers in it, and modules in containers', async () => {
    class Sum extends nn.Module {
      layer = new Layer();
      forward(x: Tensor): Tensor {
        return x.add(zeros([5]));
      }
    }
    class Net extends nn.Module {
      sums = [new Sum(), new nn.Sequential(new nn.Identity(), new Sum())] as const;
      block = new nn.Residual(new Sum());
      again = this.sums[0].layer;
      called = (): nn.Module => this.sums[1];
      forward(x: Tensor): Tensor {
        return this.called().forward(x);
      }
    }
    const net = new Net();
    expect(fails(() => net.forward(zeros([3]))).layer).toBe('sums.1.1');
    expect(fails(() => net.block.forward(zeros([3]))).layer).toBe('block.body');
    net.called = () => net.again;
    expect(fails(() => net.forward(zeros([3]))).layer).toBe('sums.0.layer');
    // What no layer and no container calls is found by those who run the model.
    net.called = () => net.sums[0];
    expect(fails(() => net.forward(zeros([3]))).layer).toBeUndefined();
    const loader = new DataLoader(new TensorDataset(zeros([4, 3]), zeros([4, 3])), { batchSize: 2 });
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    await expect(fit(net, { optimizer, loader, epochs: 1 })).rejects.toMatchObject({ layer: 'sums.0' });
    await expect(evaluate(net, loader)).rejects.toMatchObject({ layer: 'sums.0' });
    expect(Object.hasOwn(net, 'forward')).toBe(false);
  });

  test('an error names the layer that it arose in, the innermost one', () => {
    class Broken extends nn.Module {
      inner = new nn.Sequential({ deep: new nn.Sequential(new nn.ReLU(), new Layer()) });
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    expect(fails(() => new Broken().forward(zeros([3]))).layer).toBe('inner.deep.1');
    expect(fails(() => new Broken().forward(zeros([3]))).message).toContain(
      'two features, please (in layer inner.deep.1)',
    );
    expect(fails(() => new Layer().forward(zeros([3]))).layer).toBe('Layer');
    // The books are in order after an error: the next one has a path of its own.
    expect(fails(() => model.forward(zeros([3]))).layer).toBe('stem');
  });

  test('observeForward sees every layer with its path, until told to stop', () => {
    const seen: [string, readonly number[]][] = [];
    const stop = nn.observeForward(({ path, output, module, inputs }) => {
      expect(inputs.length).toBe(1);
      expect(model.namedModules()).toContainEqual([path, module]);
      seen.push([path, (output as Tensor).shape]);
    });
    try {
      model.forward(zeros([5, 2]));
    } finally {
      stop();
    }
    model.forward(zeros([5, 2]));
    expect(seen.map(([path]) => path)).toEqual([
      'stem',
      'hidden_layers.0.0',
      'hidden_layers.0.1',
      'hidden_layers.0',
      'hidden_layers.1',
      'head',
      '',
    ]);
    expect(seen.every(([, shape]) => shape.join() === '5,2')).toBe(true);
  });

  test('a subclass may call the forward of its base, and the wrapper stays out of the properties', () => {
    class Twice extends Layer {
      override forward(x: Tensor): Tensor {
        return super.forward(super.forward(x));
      }
    }
    expect(new Twice().forward(tensor([-1, 2])).toArray()).toEqual([0, 2]);
    expect(Object.keys(new Twice())).not.toContain('forward');
  });
});

describe('Sequential', () => {
  test('layers by position or by name; length, at, append, iteration', () => {
    const net = new nn.Sequential(new nn.Identity(), new nn.ReLU());
    expect(net.append(new Layer())).toBe(net);
    expect(net.length).toBe(3);
    expect(net.at(-1)).toBeInstanceOf(Layer);
    expect(net.at(3)).toBeUndefined();
    expect([...net].map((layer) => layer.constructor.name)).toEqual(['Identity', 'ReLU', 'Layer']);
    expect(Object.keys(net.stateDict())[0]).toBe('2.weight');
    expect(Object.keys(new nn.Sequential({ fc: new Layer(), relu: new nn.ReLU() }).stateDict())[0]).toBe('fc.weight');
    expect(net.forward(tensor([-1, 2])).toArray()).toEqual([0, 2]);
  });

  test('without layers it gives back its input', () => {
    const x = zeros([2]);
    expect(new nn.Sequential().forward(x)).toBe(x);
  });

  test('what is not a module is refused', () => {
    expect(() => new nn.Sequential(new nn.ReLU(), relu as unknown as nn.Module)).toThrow(ArgumentError);
    expect(() =>
      new nn.Sequential({ a: new nn.ReLU() }).append(new nn.ReLU()).append(null as unknown as nn.Module),
    ).toThrow(/layer 2 is not a module/);
  });

  test('10,000 layers deep, forward and backward', () => {
    const net = new nn.Sequential(...Array.from({ length: 10_000 }, () => new nn.ReLU()));
    scope(() => {
      const x = tensor([-1, 2]).requireGrad();
      net.forward(x).backward({ gradient: tensor([3, 4]) });
      expect(x.grad!.toArray()).toEqual([0, 4]);
    });
  });
});

describe('ModuleList', () => {
  test('registers what it holds, and has no forward', () => {
    class Stack extends nn.Module {
      blocks = new nn.ModuleList([new Layer(), new Layer()]);
      forward(x: Tensor): Tensor {
        let y = x;
        for (const block of this.blocks) y = block.forward(y);
        return y;
      }
    }
    const stack = new Stack();
    stack.blocks.append(new Layer());
    expect(stack.blocks.length).toBe(3);
    expect(stack.blocks.at(1)!.size).toBe(2);
    expect(Object.keys(stack.stateDict())).toContain('blocks.2.num_batches_tracked');
    expect(stack.forward(tensor([-1, 2])).toArray()).toEqual([0, 2]);
    expect(() => (stack.blocks.forward as () => never)()).toThrow(/no forward of its own/);
  });
});
