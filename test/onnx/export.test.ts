/** What a forward pass may do to be written to a file, and what is refused. */
import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  dropout,
  generatorState,
  init,
  layerNorm,
  manualSeed,
  memory,
  nn,
  rand,
  randn,
  relu,
  scope,
  slice,
  type Tensor,
  tensor,
  UnsupportedError,
  zeros,
} from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';

beforeAll(() => init({ threads: 1 }));

/** A module of one function. */
class Does extends nn.Module<Tensor[], unknown> {
  readonly #forward: (...inputs: Tensor[]) => unknown;
  readonly weight = new nn.Parameter(tensor([[1, 2, 3]]));
  constructor(forward: (this: Does, ...inputs: Tensor[]) => unknown) {
    super();
    this.#forward = forward.bind(this);
  }
  forward(...inputs: Tensor[]): unknown {
    return this.#forward(...inputs);
  }
}

const read = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);
const types = (bytes: Uint8Array) => read(bytes).graph!.node.map(({ opType }) => opType);
const dims = (bytes: Uint8Array) =>
  [...read(bytes).graph!.input, ...read(bytes).graph!.output].map(({ type }) =>
    type?.value.case === 'tensorType'
      ? type.value.value.shape!.dim.map(({ value }) =>
          typeof value.value === 'bigint' ? Number(value.value) : value.value,
        )
      : [],
  );

describe('what is written', () => {
  test('operator set 17, the keys of the parameters, one node for each operation, open sizes by name', () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(8, 3),
    ).eval();
    const bytes = exportOnnx(model, randn([1, 1, 4, 4]));
    const { irVersion, opsetImport, graph, producerName } = read(bytes);
    expect([irVersion, opsetImport[0]!.version, producerName, graph!.name]).toEqual([
      8n,
      17n,
      'lanewise',
      'Sequential',
    ]);
    expect(types(bytes)).toEqual(['Conv', 'Relu', 'Flatten', 'Gemm']);
    expect(graph!.initializer.map(({ name }) => name)).toEqual(['0.weight', '0.bias', '3.weight', '3.bias']);
    expect(dims(bytes)).toEqual([
      ['batch', 1, 4, 4],
      ['batch', 3],
    ]);
    expect(dims(exportOnnx(model, randn([5, 1, 4, 4]), { dynamicBatch: false }))).toEqual([
      [5, 1, 4, 4],
      [5, 3],
    ]);
  });

  test('several inputs and outputs, by the names that are given', () => {
    const model = new Does((a, b) => ({ sum: a!.add(b!), product: a!.mul(b!) }));
    const names = (bytes: Uint8Array) => [
      ...read(bytes).graph!.input.map(({ name }) => name),
      ...read(bytes).graph!.output.map(({ name }) => name),
    ];
    const example = [randn([2, 3]), randn([2, 3])];
    expect(names(exportOnnx(model, example))).toEqual(['input_0', 'input_1', 'sum', 'product']);
    const options = { inputNames: ['a', 'b'], outputNames: ['s', 'p'] };
    expect(names(exportOnnx(model, example, options))).toEqual(['a', 'b', 's', 'p']);
    const imported = importOnnx<Tensor[]>(exportOnnx(model, example, options));
    expect(imported.forward(tensor([[1, 2, 3]]), tensor([[4, 5, 6]])).map((y) => y.toArray())).toEqual([
      [[5, 7, 9]],
      [[4, 10, 18]],
    ]);
  });

  test('an output that is an input or a parameter, and one given twice', () => {
    const model = new Does(function (x) {
      const y = relu(x!);
      return [x, this.weight, y, y];
    });
    const outputs = importOnnx<Tensor[]>(exportOnnx(model, zeros([2, 3]))).forward(tensor([[-1, 2, 3]]));
    expect(outputs.map((y) => y.toArray())).toEqual([[[-1, 2, 3]], [[1, 2, 3]], [[0, 2, 3]], [[0, 2, 3]]]);
  });

  test('constants, with the length of the batch too where they are the same all along', () => {
    const model = new Does((x) => {
      const state = zeros([x!.shape[0]!, 3]).add(tensor([1, 2, 3]));
      return x!.add(state);
    });
    expect(
      importOnnx(exportOnnx(model, zeros([2, 3])))
        .forward(zeros([4, 3]))
        .toArray(),
    ).toEqual(new Array(4).fill([1, 2, 3]));
  });

  test('shapes that contain the batch: as rows, at the end, doubled', () => {
    const model = new Does((x) => {
      const [n] = x!.shape as [number];
      return x!
        .reshape([n * 2, 3])
        .permute([1, 0])
        .reshape([3, n, 2])
        .slice(0, n - 1, { axis: 1 })
        .sum(2);
    });
    const x = randn([5, 6]);
    const got = importOnnx(exportOnnx(model, randn([2, 6]))).forward(x);
    expect(got.toArray()).toEqual((model.forward(x) as Tensor).toArray());
  });

  test('an imported model: buffers stay buffers, names stay', () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4)).eval();
    const imported = importOnnx(exportOnnx(model, randn([2, 3])));
    expect(imported.namedBuffers().map(([key]) => key)).toEqual(['1.running_mean', '1.running_var']);
    const again = exportOnnx(imported, randn([2, 3]));
    expect(
      importOnnx(again)
        .namedBuffers()
        .map(([key]) => key),
    ).toEqual(['1.running_mean', '1.running_var']);
  });

  test('training mode: the batch itself, and dropout', () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Dropout(0.25));
    const bytes = exportOnnx(model, randn([4, 3]));
    expect(types(bytes)).toContain('Dropout');
    expect(types(bytes)).not.toContain('BatchNormalization');
    manualSeed(5);
    const x = randn([6, 3]);
    const seeded = <R>(body: () => R): R => {
      manualSeed(9);
      return body();
    };
    const want = seeded(() => model.forward(x)).data();
    const got = seeded(() => importOnnx(bytes).forward(x)).data();
    got.forEach((value, i) => {
      expect(Math.abs(value - want[i]!)).toBeLessThan(1e-5);
    });
  });
});

describe('what is refused', () => {
  const refusal = (forward: ConstructorParameters<typeof Does>[0], options = {}) => {
    try {
      exportOnnx(new Does(forward), randn([2, 3]), options);
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedError);
      return (error as Error).message;
    }
    return expect.fail('it was written');
  };

  test.each<[string, ConstructorParameters<typeof Does>[0], RegExp]>([
    ['a number made from the batch', (x) => x!.mul(1 / x!.shape[0]!), /mul: the number 0\.5 .* size of the batch/],
    ['an option made from it', (x) => layerNorm(x!, [3], { eps: 1e-5 * x!.shape[0]! }), /eps is .* size of the batch/],
    ['half of the batch', (x) => slice(x!, 0, Math.floor(x!.shape[0]! / 2)), /slice: /],
    ['values read in between', (x) => x!.add(tensor(x!.data(), { shape: x!.shape })), /add: .* depends on the size/],
    ['a number read in between', (x) => x!.add(x!.sum().item()), /add: the number .* was made from/],
    ['random numbers', (x) => x!.add(rand([3])), /add: .* whose elements are others in each run: random numbers/],
    ['a branch by the batch', (x) => (x!.shape[0] === 2 ? relu(x!) : x!.exp()), /operation 0 is relu, then exp/],
    [
      'a square of the batch',
      (x) => zeros([x!.shape[0]! ** 2]).add(1),
      /is not a multiple of the batch|depends on the size/,
    ],
  ])('%s', (_, forward, message) => {
    expect(refusal(forward)).toMatch(message);
  });

  test("operations of one's own: all of them in one error, with their layers", async () => {
    const { record } = await import('../../src/index.js');
    const own = (name: string, x: Tensor) => record(name, tensor(x.data(), { shape: x.shape }), [x], (dy) => [dy]);
    class Part extends nn.Module {
      forward(x: Tensor): Tensor {
        return own('twist', x);
      }
    }
    const model = new nn.Sequential({ first: new Part(), second: new nn.Linear(3, 3), third: new Part() });
    expect(() => exportOnnx(model, randn([2, 3]))).toThrow(
      /twist \(in layer first\): no operator\n {2}twist \(in layer third\): no operator/,
    );
  });

  test('examples that are none', () => {
    const model = new nn.Linear(3, 2);
    expect(() => exportOnnx(model, [])).toThrow(ArgumentError);
    expect(() => exportOnnx(model, 3 as never)).toThrow(ArgumentError);
    expect(() => exportOnnx(3 as never, zeros([1, 3]))).toThrow(/exportOnnx: model must be a module/);
    expect(() => exportOnnx(model, zeros([1, 3]), { dynamicbatch: true } as never)).toThrow(
      /did you mean dynamicBatch/,
    );
    expect(() => exportOnnx(model, zeros([1, 3]), { inputNames: 'x' } as never)).toThrow(ArgumentError);
    expect(() => exportOnnx(model, zeros([0, 3]))).toThrow(/has no batch/);
    expect(() => exportOnnx(model, zeros([1, 3]), { inputNames: [] })).toThrow(/0 inputNames for 1 inputs/);
    expect(() => exportOnnx(new Does(() => 7), zeros([1, 3]))).toThrow(/must give a tensor/);
  });
});

test('the model, the random numbers and the memory are as they were, also after an error', () => {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Dropout(0.5));
  const example = randn([4, 3]);
  const state = () => [
    model.buffers().map((buffer) => buffer.toArray()),
    generatorState(),
    memory().tensors,
    model.training,
  ];
  const before = state();
  exportOnnx(model, example);
  expect(state()).toEqual(before);
  const fails = new Does((x) => dropout(x!).add(rand([3])));
  const tensors = memory().tensors;
  expect(() => exportOnnx(fails, example)).toThrow(UnsupportedError);
  expect(memory().tensors).toBe(tensors);
  scope(() => relu(example));
});
