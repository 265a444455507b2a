/** Files that are broken, or beyond what lanewise does: typed errors that name the node or the tensor. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type GraphProtoSchema, ModelProtoSchema } from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DTypeError,
  FileFormatError,
  init,
  ShapeError,
  tensor,
  UnsupportedError,
  zeros,
} from '../../src/index.js';
import { importOnnx } from '../../src/onnx/index.js';

beforeAll(() => init({ threads: 1 }));

type GraphInit = MessageInitShape<typeof GraphProtoSchema>;

const float = (name: string, dims: readonly number[], elemType = 1) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType,
        shape: { dim: dims.map((n) => ({ value: { case: 'dimValue' as const, value: BigInt(n) } })) },
      },
    },
  },
});

const relu = { opType: 'Relu', name: 'first', input: ['x'], output: ['y'] };
/** A graph of one Relu, with some parts in place of those. */
const bytesOf = (graph: GraphInit, version = 17n) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version }],
      graph: { name: 'g', node: [relu], input: [float('x', [2])], output: [float('y', [2])], ...graph },
    }),
  );
const weights = (dims: readonly number[], floats: readonly number[], rest = {}) => ({
  name: 'w',
  dataType: 1,
  dims: dims.map(BigInt),
  floatData: [...floats],
  ...rest,
});
const add = { opType: 'Add', name: 'sum', input: ['x', 'w'], output: ['y'] };

describe('broken files', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /the file is empty/],
    ['text', new TextEncoder().encode('<!doctype html><html></html>'), /it cannot be read|no graph in it/],
    ['a model that ends early', bytesOf({}).slice(0, -9), /it cannot be read/],
    ['no graph', toBinary(ModelProtoSchema, create(ModelProtoSchema, { producerName: 'p' })), /there is no graph/],
    [
      'a circle',
      bytesOf({
        node: [
          { ...relu, input: ['z'] },
          { opType: 'Exp', name: 'second', input: ['y'], output: ['z'] },
        ],
      }),
      /Relu "first" uses "z" before Exp "second" makes it.*circle/,
    ],
    [
      'a value from nowhere',
      bytesOf({ node: [{ ...relu, input: ['q'] }] }),
      /Relu "first" uses "q", which nothing makes/,
    ],
    [
      'a value made twice',
      bytesOf({ node: [relu, { ...relu, name: 'again' }] }),
      /"y" is made twice, the second time by Relu "again"/,
    ],
    ['an output from nowhere', bytesOf({ output: [float('q', [2])] }), /nothing makes the output "q"/],
    ['no outputs', bytesOf({ output: [] }), /the graph has no outputs/],
    [
      'negative sizes',
      bytesOf({ node: [add], initializer: [weights([-2], [1, 2])] }),
      /initializer "w" has the shape \[-2\]/,
    ],
    [
      'sizes that lie',
      bytesOf({ node: [add], initializer: [weights([1000, 1000, 1000], [1, 2])] }),
      /"w" of shape \[1000, 1000, 1000\] has 2 elements/,
    ],
    [
      'huge sizes',
      bytesOf({ node: [add], initializer: [weights([2 ** 29, 2 ** 29], [1])] }),
      /"w" of shape .* has too many elements/,
    ],
    [
      'bytes that do not fill the shape',
      bytesOf({ node: [add], initializer: [weights([2], [], { rawData: new Uint8Array(7) })] }),
      /"w" has 7 bytes, its shape needs 8/,
    ],
    ['a missing input of a node', bytesOf({ node: [{ ...add, input: ['x'] }] }), /Add "sum" has no input 1/],
    [
      'a missing attribute',
      bytesOf({
        node: [{ opType: 'MaxPool', name: 'pool', input: ['x'], output: ['y'] }],
        input: [float('x', [1, 1, 2, 2])],
      }),
      /MaxPool "pool" has no attribute kernel_shape/,
    ],
  ])('%s', (_, bytes, message) => {
    const run = () => importOnnx(bytes).forward(zeros(message.source.includes('MaxPool') ? [1, 1, 2, 2] : [2]));
    expect(run).toThrow(FileFormatError);
    expect(run).toThrow(message);
  });

  test('messages within messages without end', () => {
    let inner = create(ModelProtoSchema, {}).graph;
    for (let depth = 0; depth < 300; depth++) {
      const g = inner;
      inner = create(ModelProtoSchema, {
        graph: {
          node: [{ opType: 'If', attribute: [{ name: 'then_branch', type: 5, ...(g !== undefined && { g }) }] }],
        },
      }).graph;
    }
    const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: inner! }));
    expect(() => importOnnx(bytes)).toThrow(FileFormatError);
  });

  test('a graph as deep as it is long runs', () => {
    const node = Array.from({ length: 5000 }, (_, i) => ({
      opType: 'Relu',
      input: [i === 0 ? 'x' : `v${i}`],
      output: [i === 4999 ? 'y' : `v${i + 1}`],
    }));
    expect(
      importOnnx(bytesOf({ node }))
        .forward(tensor([-1, 2]))
        .toArray(),
    ).toEqual([0, 2]);
  });
});

describe('what is not supported', () => {
  test('all unknown operators in one error, before anything runs', () => {
    const node = [
      { opType: 'Acos', name: 'w', input: ['x'], output: ['a'] },
      { opType: 'Attention', domain: 'com.microsoft', name: 'heads', input: ['a'], output: ['b'] },
      { opType: 'Relu', name: 'fine', input: ['b'], output: ['c'] },
      { opType: 'QLinearConv', input: ['c'], output: ['y'] },
    ];
    expect(() => importOnnx(bytesOf({ node }))).toThrow(UnsupportedError);
    expect(() => importOnnx(bytesOf({ node }))).toThrow(
      /3 of its 4 nodes cannot run.*\n {2}Acos "w": unknown operator\n {2}com\.microsoft\.Attention "heads": unknown/,
    );
    expect(() => importOnnx(bytesOf({ node }))).toThrow(
      /"heads": unknown operator\n {2}QLinearConv \(node 3\): quantised models are not supported/,
    );
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['old operator sets', bytesOf({}, 6n), /operator set 6; 7 to 25 are known/],
    ['operator sets of the future', bytesOf({}, 99n), /operator set 99; 7 to 25 are known/],
    [
      'other files',
      bytesOf({
        node: [add],
        initializer: [weights([2], [], { dataLocation: 1, externalData: [{ key: 'location', value: 'big.bin' }] })],
      }),
      /"w" is in another file \("big\.bin"\)/,
    ],
    ['text', bytesOf({ input: [float('x', [2], 8)] }), /the input "x" is string/],
    [
      'float64 that is rounded',
      bytesOf({ node: [add], initializer: [weights([1], [], { dataType: 11, doubleData: [0.1] })] }),
      /"w" is float64, and float32 does not hold its 0\.1/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => importOnnx(bytes)).toThrow(UnsupportedError);
    expect(() => importOnnx(bytes)).toThrow(message);
  });

  test('float64 that is exact, or may be rounded', () => {
    const of = (value: number) =>
      bytesOf({ node: [add], initializer: [weights([1], [], { dataType: 11, doubleData: [value] })] });
    expect(
      importOnnx(of(0.5))
        .forward(tensor([1, 2]))
        .toArray(),
    ).toEqual([1.5, 2.5]);
    const rounded = importOnnx(of(0.1), { lossy: true }).forward(tensor([0, 0]));
    expect(rounded.toArray()).toEqual([Math.fround(0.1), Math.fround(0.1)]);
  });
});

describe('inputs that do not fit', () => {
  const model = () => importOnnx(bytesOf({}));
  test('too many, of another kind, dtype or shape', () => {
    expect(() => importOnnx('model.onnx' as never)).toThrow(ArgumentError);
    expect(() => importOnnx(bytesOf({}), { precision: 'exact' } as never)).toThrow(ArgumentError);
    expect(() => importOnnx(undefined as never)).toThrow(ArgumentError);
    expect(() => model().forward()).toThrow(/the number of inputs is 0, and the model takes 1: x/);
    expect(() => model().forward([1, 2] as never)).toThrow(ArgumentError);
    expect(() => model().forward(tensor([1, 2], { dtype: 'int32' }))).toThrow(DTypeError);
    expect(() => model().forward(zeros([3]))).toThrow(ShapeError);
    expect(() => model().forward(zeros([3]))).toThrow(/the input x has shape \[3\], not \[2\]/);
  });

  test('an error within the graph names the node', () => {
    const node = [{ opType: 'MatMul', name: 'product', input: ['x', 'w'], output: ['y'] }];
    const bytes = bytesOf({ node, initializer: [weights([3, 1], [1, 2, 3])] });
    expect(() => importOnnx(bytes).forward(zeros([2]))).toThrow(/in layer MatMul "product"/);
  });
});
