/** What the compiler must accept and refuse; checked by `npm run typecheck`, and run so that it is also true. */
import { expect, expectTypeOf, test } from 'vitest';
import { models, nn, type Tensor, zeros } from '../../src/index.js';

class Pair extends nn.Module<[Tensor, Tensor], [Tensor, Tensor]> {
  forward(a: Tensor, b: Tensor): [Tensor, Tensor] {
    return [b, a];
  }
}

test('forward has the types of its module', () => {
  expectTypeOf(new nn.ReLU().forward).toEqualTypeOf<(x: Tensor) => Tensor>();
  expectTypeOf(new Pair().forward(zeros([1]), zeros([1]))).toEqualTypeOf<[Tensor, Tensor]>();
  // @ts-expect-error one input where two are needed
  new Pair().forward(zeros([1]));
});

test('any module is an AnyModule, which cannot be called', () => {
  expectTypeOf<Pair>().toExtend<nn.AnyModule>();
  expectTypeOf<nn.Sequential>().toExtend<nn.AnyModule>();
  expectTypeOf<nn.AnyModule['forward']>().parameters.toBeNever();
});

test('a Sequential takes modules from one tensor to one tensor', () => {
  expectTypeOf<nn.Sequential>().toExtend<nn.Module>();
  expectTypeOf<Pair>().not.toExtend<nn.Module>();
  // @ts-expect-error a module of two inputs does not fit into a row
  new nn.Sequential(new nn.ReLU(), new Pair());
  // @ts-expect-error the class is not a module
  expectTypeOf<nn.Sequential>(() => new nn.Sequential(nn.ReLU));
});

test('parameters are tensors', () => {
  expectTypeOf(new nn.ReLU().parameters()).toEqualTypeOf<nn.Parameter[]>();
  expectTypeOf<nn.Parameter>().toExtend<Tensor>();
  expectTypeOf(new nn.ReLU().stateDict()).toEqualTypeOf<Record<string, Tensor>>();
  // A module list keeps the type of what it holds.
  expectTypeOf(new nn.ModuleList([new Pair()]).at(0)).toEqualTypeOf<Pair | undefined>();
});

test("layers take their options under PyTorch's names", () => {
  expectTypeOf(nn.Conv2d).toBeConstructibleWith(1, 4, [3, 5], {
    stride: 2,
    padding: 'same',
    dilation: [1, 2],
    groups: 1,
    bias: false,
  });
  expectTypeOf(nn.BatchNorm2d).toBeConstructibleWith(4, {
    momentum: null,
    eps: 1e-3,
    affine: false,
    trackRunningStats: false,
  });
  expectTypeOf(nn.MaxPool2d).toBeConstructibleWith(2, { ceilMode: true });
  // @ts-expect-error no kernel size
  expect(() => new nn.Conv2d(1, 4)).toThrow();
  // @ts-expect-error a padding that there is not
  expect(() => new nn.Conv2d(1, 4, 3, { padding: 'full' })).toThrow();
  // @ts-expect-error a transposed convolution has no 'same'
  expect(() => new nn.ConvTranspose2d(1, 4, 3, { padding: 'same' })).toThrow();
  // @ts-expect-error an option of another name
  expect(() => new nn.Linear(1, 1, { useBias: false })).toThrow('there is no option useBias');
  expectTypeOf(new nn.Linear(1, 1).bias).toEqualTypeOf<nn.Parameter | null>();
});

test('losses take two tensors, so they do not fit into a Sequential', () => {
  expectTypeOf<nn.CrossEntropyLoss['forward']>().parameters.toEqualTypeOf<[logits: Tensor, target: Tensor]>();
  expectTypeOf<nn.MSELoss>().not.toExtend<nn.Module>();
  // @ts-expect-error no such reduction
  expect(() => new nn.MSELoss({ reduction: 'average' }).forward(zeros([1]), zeros([1]))).toThrow();
});

test('models are Sequentials', () => {
  expectTypeOf(models.mlp).returns.toEqualTypeOf<nn.Sequential>();
  expectTypeOf(models.lenet5).parameter(0).toEqualTypeOf<models.ImageModelOptions | undefined>();
  // @ts-expect-error a vector has no default length
  expect(() => models.kLayerMlp({ hidden: [3] })).toThrow();
});
