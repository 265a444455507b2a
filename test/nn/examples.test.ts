/** What the examples in the docstrings of nn come to. (That each compiles and runs: test/docstrings.test.ts.) */
import { expect, test } from 'vitest';
import { models, nn, rand, relu, type Tensor, zeros } from '../../src/index.js';

test("a module of one's own", () => {
  class Perceptron extends nn.Module {
    hidden = new nn.Linear(784, 128);
    output = new nn.Linear(128, 10);
    forward(x: Tensor): Tensor {
      return this.output.forward(relu(this.hidden.forward(x)));
    }
  }
  const model = new Perceptron();
  expect(model.forward(rand([2, 784])).shape).toEqual([2, 10]);
  expect(Object.keys(model.stateDict())).toEqual(['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']);
});

test('Sequential by position and by name', () => {
  const byPosition = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
  const byName = new nn.Sequential({
    hidden: new nn.Linear(784, 128),
    relu: new nn.ReLU(),
    output: new nn.Linear(128, 10),
  });
  expect(Object.keys(byPosition.stateDict())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
  expect(Object.keys(byName.stateDict())).toEqual(['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']);
});

test('a residual block', () => {
  const block = new nn.Residual(
    new nn.Sequential(
      new nn.Conv2d(16, 16, 3, { padding: 1 }),
      new nn.BatchNorm2d(16),
      new nn.ReLU(),
      new nn.Conv2d(16, 16, 3, { padding: 1 }),
      new nn.BatchNorm2d(16),
    ),
  );
  expect(block.forward(rand([2, 16, 5, 5])).shape).toEqual([2, 16, 5, 5]);
});

test('a list of modules', () => {
  class Stack extends nn.Module {
    blocks: nn.ModuleList;
    constructor(sizes: readonly number[]) {
      super();
      this.blocks = new nn.ModuleList(sizes.map((size) => new nn.Linear(size, size)));
    }
    forward(x: Tensor): Tensor {
      return [...this.blocks].reduce((y, block) => block.forward(y), x);
    }
  }
  expect(Object.keys(new Stack([3, 3]).stateDict())).toEqual([
    'blocks.0.weight',
    'blocks.0.bias',
    'blocks.1.weight',
    'blocks.1.bias',
  ]);
});

test("parameters and buffers of one's own, in arrays too", () => {
  class Scaled extends nn.Module {
    scales = [new nn.Parameter(zeros([3])), new nn.Parameter(zeros([3]))];
    seen = new nn.Buffer(zeros([3]));
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  expect(Object.keys(new Scaled().stateDict())).toEqual(['scales.0', 'scales.1', 'seen']);
  expect(new Scaled().summary([3])).toMatch(/Scaled +\[1, 3\] +6/);
});

test('the classifier of the command line', () => {
  const model = models.mlp({ hidden: [1024, 512], batchNorm: true });
  expect(model.forward(rand([2, 1, 28, 28])).shape).toEqual([2, 10]);
});
