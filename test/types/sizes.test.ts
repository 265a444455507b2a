/** Sizes that the compiler knows: what is inferred, what is refused, and that run time agrees. */
import { expect, expectTypeOf, test } from 'vitest';
import { type models, nn, rand, relu, ShapeError, type Tensor } from '../../src/index.js';

type SizesOf<M> = [nn.InputSize<M>, nn.OutputSize<M>];

const shapeOf = (model: nn.Module, ...input: number[]) => model.forward(rand(input)).shape;
const refused = (model: nn.Module, ...input: number[]) => expect(() => model.forward(rand(input))).toThrow(ShapeError);
/** A number that the compiler knows nothing of. */
const some = (size: number): number => size;

/** As users write them: without a word on the sizes. */
class Own extends nn.Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

class Perceptron extends nn.Module<[Tensor], Tensor, nn.Sizes<nn.Features<8>, nn.Features<3>>> {
  hidden = new nn.Linear(8, 5);
  output = new nn.Linear(5, 3);
  forward(x: Tensor): Tensor {
    return this.output.forward(relu(this.hidden.forward(x)));
  }
}

test('layers know their literals', () => {
  expectTypeOf(new nn.Linear(784, 128)).toEqualTypeOf<nn.Linear<784, 128>>();
  expectTypeOf(new nn.Linear(784, 128).inFeatures).toEqualTypeOf<784>();
  expectTypeOf(new nn.Conv2d(1, 4, 3, { padding: 'same' })).toEqualTypeOf<nn.Conv2d<1, 4>>();
  expectTypeOf(new nn.ConvTranspose2d(4, 1, 3).outChannels).toEqualTypeOf<1>();
  expectTypeOf(new nn.BatchNorm2d(4).numFeatures).toEqualTypeOf<4>();
  expectTypeOf<SizesOf<nn.Linear<784, 128>>>().toEqualTypeOf<[784, 128]>();
  expectTypeOf<SizesOf<nn.BatchNorm1d<4>>>().toEqualTypeOf<[4, 4]>();
  expectTypeOf<SizesOf<nn.Embedding<4>>>().toEqualTypeOf<[number, 4]>();
  expectTypeOf<SizesOf<nn.ReLU>>().toEqualTypeOf<[number, number]>();
});

test("without arguments, a layer's type is that of any such layer", () => {
  expectTypeOf<nn.Linear>().toEqualTypeOf<nn.Linear<number, number>>();
  expectTypeOf(new nn.Linear(some(2), some(3))).toEqualTypeOf<nn.Linear>();
  expectTypeOf<nn.Linear<784, 128>>().toExtend<nn.Linear>();
  expectTypeOf<nn.Conv2d<1, 4>>().toExtend<nn.Conv2d>();
  expectTypeOf<nn.BatchNorm1d<4>>().toExtend<nn.BatchNorm>();
  expectTypeOf(new nn.Flatten(2)).toExtend<nn.Flatten>();
  expectTypeOf(new nn.AdaptiveAvgPool2d(1)).toExtend<nn.AdaptiveAvgPool2d>();
  expectTypeOf(new nn.LayerNorm([2, 3])).toExtend<nn.LayerNorm>();
  const [row, block] = [new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU()), new nn.Residual(new nn.Linear(2, 2))];
  expectTypeOf(row).toExtend<nn.Sequential>();
  expectTypeOf(new nn.Sequential()).toExtend<nn.Sequential>();
  expectTypeOf(new nn.Sequential({ first: row })).toExtend<nn.Sequential>();
  expectTypeOf(block).toExtend<nn.Residual>();
  expectTypeOf([row, block, new Own(), new Perceptron()]).toExtend<nn.Module[]>();
  expectTypeOf([row, block, new nn.MSELoss()]).toExtend<nn.AnyModule[]>();
});

test('a chain knows what it takes and gives', () => {
  const mlp = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
  expectTypeOf<SizesOf<typeof mlp>>().toEqualTypeOf<[784, 10]>();
  const normed = new nn.Sequential(
    new nn.Dropout(),
    new nn.BatchNorm1d(8),
    new nn.Linear(8, 4),
    new nn.LayerNorm(4),
    new nn.GELU(),
  );
  expectTypeOf<SizesOf<typeof normed>>().toEqualTypeOf<[8, 4]>();
  const images = new nn.Sequential(
    new nn.AvgPool2d(2),
    new nn.Conv2d(3, 8, 3),
    new nn.BatchNorm2d(8),
    new nn.MaxPool2d(2),
    new nn.GroupNorm(2, 8),
    new nn.ConvTranspose2d(8, 5, 2),
  );
  expectTypeOf<SizesOf<typeof images>>().toEqualTypeOf<[3, 5]>();
  const words = new nn.Sequential(new nn.Embedding(100, 16), new nn.Linear(16, 2));
  expectTypeOf<SizesOf<typeof words>>().toEqualTypeOf<[number, 2]>();
  const nested = new nn.Sequential(
    new nn.Sequential(new nn.Tanh(), new nn.Sequential(new nn.Linear(2, 3))),
    new nn.Sequential(new nn.ReLU()),
    new nn.Sigmoid(),
  );
  expectTypeOf<SizesOf<typeof nested>>().toEqualTypeOf<[2, 3]>();
  expect([
    shapeOf(mlp, 2, 784),
    shapeOf(normed, 2, 8),
    shapeOf(images, 2, 3, 12, 12)[1],
    shapeOf(nested, 1, 2),
  ]).toEqual([[2, 10], [2, 4], 5, [1, 3]]);
});

test('neighbours that do not fit', () => {
  // @ts-expect-error 64 where 128 come
  refused(new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(64, 10)), 2, 784);
  // @ts-expect-error 4 features are normalised, of 5
  refused(new nn.Sequential(new nn.Linear(3, 5), new nn.BatchNorm1d(4)), 2, 3);
  // @ts-expect-error 4 features are normalised, of 5
  refused(new nn.Sequential(new nn.Linear(3, 5), new nn.LayerNorm([4])), 2, 3);
  refused(
    // @ts-expect-error 4 channels are normalised, of 8
    new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.ReLU(), new nn.MaxPool2d(2), new nn.BatchNorm2d(4)),
    2,
    1,
    9,
    9,
  );
  // @ts-expect-error 6 channels are normalised, of 8
  refused(new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.GroupNorm(2, 6)), 2, 1, 9, 9);
  // @ts-expect-error 4 channels into a convolution of 8
  refused(new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.AvgPool2d(2), new nn.Conv2d(8, 1, 3)), 2, 1, 12, 12);
  // @ts-expect-error 4 channels into a transposed convolution of 8
  refused(new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.ConvTranspose2d(8, 1, 3)), 2, 1, 12, 12);
  refused(
    // @ts-expect-error within the inner chain
    new nn.Sequential(new nn.Linear(3, 5), new nn.Sequential(new nn.ReLU(), new nn.Sequential(new nn.Linear(4, 2)))),
    2,
    3,
  );
  refused(
    // @ts-expect-error from the inner chain
    new nn.Sequential(new nn.Sequential(new nn.Linear(3, 5), new nn.Identity()), new nn.Dropout(), new nn.Linear(4, 2)),
    2,
    3,
  );
  // @ts-expect-error neither of the two takes what the third gives
  refused(new nn.Sequential(new nn.Linear(3, 5), some(1) > 0 ? new nn.Linear(4, 2) : new nn.Linear(6, 2)), 2, 3);
});

test('one value for each channel is as many features', () => {
  const head = new nn.Sequential(
    new nn.Conv2d(1, 4, 3),
    new nn.AdaptiveAvgPool2d(1),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(4, 10),
  );
  expectTypeOf<SizesOf<typeof head>>().toEqualTypeOf<[1, 10]>();
  expect(shapeOf(head, 2, 1, 8, 8)).toEqual([2, 10]);
  refused(
    // @ts-expect-error 8 features where 4 channels were
    new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.AdaptiveAvgPool2d([1, 1]), new nn.Flatten(), new nn.Linear(8, 10)),
    2,
    1,
    8,
    8,
  );
  // Four pixels of each; the channels together with the batch: then the size is unknown.
  expect(
    shapeOf(
      new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.AdaptiveAvgPool2d(2), new nn.Flatten(), new nn.Linear(16, 10)),
      2,
      1,
      8,
      8,
    ),
  ).toEqual([2, 10]);
  expect(
    shapeOf(
      new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.AdaptiveAvgPool2d(1), new nn.Flatten(0), new nn.Linear(8, 10)),
      2,
      1,
      8,
      8,
    ),
  ).toEqual([10]);
});

test('both ways around a residual block give the same', () => {
  const body = new nn.Sequential(new nn.Conv2d(2, 4, 3, { padding: 1 }), new nn.BatchNorm2d(4));
  const block = new nn.Residual(body, new nn.Conv2d(2, 4, 1));
  expectTypeOf<SizesOf<typeof block>>().toEqualTypeOf<[2, 4]>();
  expect(shapeOf(block, 1, 2, 5, 5)).toEqual([1, 4, 5, 5]);
  const plain = new nn.Residual(new nn.Sequential(new nn.ReLU(), new nn.Linear(3, 3)));
  expectTypeOf<SizesOf<typeof plain>>().toEqualTypeOf<[3, 3]>();
  // @ts-expect-error x has two channels, the body gives four
  refused(new nn.Residual(body), 1, 2, 5, 5);
  // @ts-expect-error the shortcut gives eight
  refused(new nn.Residual(body, new nn.Conv2d(2, 8, 1)), 1, 2, 5, 5);
  // @ts-expect-error the shortcut takes three
  refused(new nn.Residual(body, new nn.Conv2d(3, 4, 1)), 1, 2, 5, 5);
  // @ts-expect-error the block gives four
  refused(new nn.Sequential(block, new nn.ReLU(), new nn.Conv2d(2, 1, 1)), 1, 2, 5, 5);
  // @ts-expect-error the block takes two
  refused(new nn.Sequential(new nn.Conv2d(1, 3, 1), block), 1, 1, 5, 5);
});

test('what is not a literal fits everything', () => {
  const loose = new nn.Sequential(
    new nn.Linear(3, some(4)),
    new nn.Linear(some(4), 5),
    new nn.ReLU(),
    new nn.Linear(some(5), some(6)),
  );
  expectTypeOf<SizesOf<typeof loose>>().toEqualTypeOf<[3, number]>();
  // A module of one's own gives who knows what, unless it says so.
  const own = new nn.Sequential(new nn.Linear(3, 4), new Own(), new nn.Linear(4, 2));
  expectTypeOf<SizesOf<typeof own>>().toEqualTypeOf<[3, 2]>();
  expectTypeOf<SizesOf<Own>>().toEqualTypeOf<[number, number]>();
  const told = new nn.Sequential(new nn.Flatten(), new Perceptron(), new nn.Softmax());
  expectTypeOf<SizesOf<typeof told>>().toEqualTypeOf<[number, 3]>();
  // @ts-expect-error it said 8
  refused(new nn.Sequential(new nn.Linear(2, 7), new Perceptron()), 1, 2);
  // One of several layers: any that fits will do.
  const chosen = new nn.Sequential(new nn.Linear(3, 4), some(1) > 0 ? new nn.Linear(4, 5) : new nn.Linear(3, 6));
  expectTypeOf<SizesOf<typeof chosen>>().toEqualTypeOf<[3, 5]>();
  // Ready models, whose sizes are options.
  expectTypeOf<SizesOf<ReturnType<typeof models.lenet5>>>().toEqualTypeOf<[number, number]>();
  expect([loose, own, told, chosen].map((model, i) => shapeOf(model, 2, i === 2 ? 8 : 3).at(-1))).toEqual([6, 2, 3, 5]);
});

test('arrays, names and appended layers', () => {
  const array = [new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 5)];
  const spread = new nn.Sequential(...array, new nn.Dropout(), new nn.Linear(5, 2));
  expectTypeOf<SizesOf<typeof spread>>().toEqualTypeOf<[number, 2]>();
  const before = new nn.Sequential(new nn.Linear(2, 3), ...array);
  expectTypeOf<SizesOf<typeof before>>().toEqualTypeOf<[2, number]>();
  const only = new nn.Sequential(...array);
  expectTypeOf<SizesOf<typeof only>>().toEqualTypeOf<[number, number]>();
  const named = new nn.Sequential({ hidden: new nn.Linear(3, 4), output: new nn.Linear(4, 1) });
  expectTypeOf<SizesOf<typeof named>>().toEqualTypeOf<[number, number]>();
  const appended = new nn.Sequential(new nn.Linear(3, 4)).append(new nn.Linear(4, 6));
  expectTypeOf<SizesOf<typeof appended>>().toEqualTypeOf<[number, number]>();
  // One that begins empty may have become anything.
  const empty = new nn.Sequential();
  empty.append(new nn.Linear(4, 3));
  const filled = new nn.Sequential(new nn.Linear(2, 4), empty, new nn.Linear(3, 1));
  expectTypeOf<SizesOf<typeof filled>>().toEqualTypeOf<[2, 1]>();
  expect(
    [spread, before, only, named, appended, filled].map((model, i) => shapeOf(model, 1, [3, 2, 3, 3, 3, 2][i]!).at(-1)),
  ).toEqual([2, 5, 5, 1, 6, 1]);
});

test('a class may be made of a chain', () => {
  class Net extends nn.Sequential {
    constructor(hidden: number) {
      super(new nn.Linear(2, hidden), new nn.ReLU(), new nn.Linear(hidden, 1));
    }
  }
  expectTypeOf<SizesOf<Net>>().toEqualTypeOf<[number, number]>();
  expect(shapeOf(new nn.Sequential(new nn.Linear(3, 2), new Net(7)), 1, 3)).toEqual([1, 1]);
});
