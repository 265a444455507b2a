/**
 * Control flow, sequences of different lengths and resizing by factors, as PyTorch's exporter writes them
 * (test/onnx/fixtures/makeMore.py).
 */
import fs from 'node:fs';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import { init, noGrad, scope, type Tensor, tensor, UnsupportedError, zeros } from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';

beforeAll(() => init({ threads: 1 }));

interface Stored {
  readonly shape: number[];
  readonly values: number[];
}
interface Case {
  readonly name: string;
  readonly inputs: Stored[];
  readonly outputs: Stored[];
}

const folder = path.join(import.meta.dirname, 'fixtures/more');
const cases = JSON.parse(fs.readFileSync(path.join(folder, 'cases.json'), 'utf8')) as Case[];
const read = (name: string) => importOnnx<Tensor | Tensor[]>(fs.readFileSync(path.join(folder, `${name}.onnx`)));

function given({ inputs }: Case): Tensor[] {
  return inputs.map(({ shape, values }, i) => tensor(values, { shape, dtype: i === 0 ? 'float32' : 'int32' }));
}

test.each(cases.map((each, i) => [`${each.name}, run ${i}`, each] as const))('%s', (_, each) =>
  scope(() => {
    const got = noGrad(() => read(each.name).forward(...given(each)));
    (Array.isArray(got) ? got : [got]).forEach((output, k) => {
      const { shape, values } = each.outputs[k]!;
      expect(output.shape).toEqual(shape);
      const largest = Math.max(...values.map(Math.abs));
      output.data().forEach((value, i) => {
        expect(Math.abs(value - values[i]!), `output ${k}, element ${i}`).toBeLessThanOrEqual(2e-5 * largest);
      });
    });
  }),
);

describe('written again', () => {
  test.each(['packed-rnn', 'packed-lstm', 'packed-gru'])('%s takes other lengths', (name) =>
    scope(() => {
      const [first, second] = cases.filter((each) => each.name === name) as [Case, Case];
      const model = read(name);
      const again = importOnnx<Tensor[]>(exportOnnx(model, given(first), { dynamicBatch: false }));
      const [want, got] = [model, again].map((each) => (each.forward(...given(second)) as Tensor[])[0]!);
      expect(got!.toArray()).toEqual(want!.toArray());
    }),
  );

  test.each(['branches', 'repeats'])('%s depend on the values of the inputs', (name) => {
    const [first] = cases.filter((each) => each.name === name) as [Case];
    expect(() => exportOnnx(read(name), given(first))).toThrow(/does depends on the values of the inputs/);
  });
});

// ---- Graphs that are wrong ----

const FLOAT = { value: { case: 'tensorType' as const, value: { elemType: 1 } } };
const port = (name: string) => ({ name, type: FLOAT });
const bool = (name: string, value: number) =>
  create(TensorProtoSchema, { name, dataType: 9, dims: [], rawData: Uint8Array.of(value) });

/** x and a condition; a node with graphs of its own. */
function withNode(opType: string, graphs: Readonly<Record<string, GraphProto>>, input: string[], c = 1): Uint8Array {
  const attribute = Object.entries(graphs).map(([name, g]) => ({ name, type: 5, g }));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        initializer: [bool('c', c)],
        input: [port('x')],
        output: [port('y')],
        node: [{ opType, name: 'node', input, output: ['y'], attribute }],
      },
    }),
  );
}

const body = (nodes: [type: string, input: string[], output: string][], inputs: string[], outputs: string[]) =>
  create(GraphProtoSchema, {
    node: nodes.map(([opType, input, output]) => ({ opType, name: `inner ${output}`, input, output: [output] })),
    input: inputs.map(port),
    output: outputs.map(port),
  });
const relu = body([['Relu', ['x'], 'r']], [], ['r']);

test('an If sees the values around it', () => {
  const both = { then_branch: relu, else_branch: body([['Neg', ['x'], 'n']], [], ['n']) };
  const run = (c: number) =>
    importOnnx(withNode('If', both, ['c'], c))
      .forward(tensor([-1, 2]))
      .toArray();
  expect([run(1), run(0)]).toEqual([
    [0, 2],
    [1, -2],
  ]);
});

test('what a graph within a node cannot do is listed with the rest', () => {
  const bytes = withNode('If', { then_branch: relu, else_branch: body([['Acos', ['x'], 's']], [], ['s']) }, ['c']);
  expect(() => importOnnx(bytes)).toThrow(UnsupportedError);
  expect(() => importOnnx(bytes)).toThrow('Acos "inner s": unknown operator');
});

test.each([
  ['has no attribute else_branch', withNode('If', { then_branch: relu }, ['c'])],
  ['uses "z", which nothing makes', withNode('If', { then_branch: relu, else_branch: body([], [], ['z']) }, ['c'])],
  ['inputs, and its graph takes', withNode('If', { then_branch: relu, else_branch: relu }, [])],
  ['inputs, and its graph takes', withNode('Loop', { body: body([], ['i', 'g', 'v'], ['g', 'v']) }, ['', 'c'])],
])('a graph that is broken: %s', (message, bytes) => {
  expect(() => importOnnx(bytes)).toThrow(message);
});

test('a loop without an end is ended', () => {
  const endless = withNode('Loop', { body: body([['Identity', ['g'], 'on']], ['i', 'g', 'v'], ['on', 'v']) }, [
    '',
    'c',
    'x',
  ]);
  expect(() => importOnnx(endless).forward(zeros([1]))).toThrow('has not ended after 65536 turns');
});

test('initializers of bfloat16 are float32, exactly', () => {
  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        // 1.5, −2 and the smallest normal number; as raw bytes and as a list.
        initializer: [
          { name: 'a', dataType: 16, dims: [3n], rawData: Uint8Array.of(0xc0, 0x3f, 0x00, 0xc0, 0x80, 0x00) },
          { name: 'b', dataType: 16, dims: [3n], int32Data: [0x3fc0, 0xc000, 0x0080] },
        ],
        input: [port('x')],
        output: [port('y')],
        node: [
          { opType: 'Mul', name: 'mul', input: ['x', 'a'], output: ['m'] },
          { opType: 'Add', name: 'add', input: ['m', 'b'], output: ['y'] },
        ],
      },
    }),
  );
  const model = importOnnx(bytes);
  expect(model.stateDict().a!.toArray()).toEqual([1.5, -2, 2 ** -126]);
  expect(model.forward(tensor([2, 2, 0])).toArray()).toEqual([4.5, -6, 2 ** -126]);
});

test.each([
  ['Conv', 'kernel_shape', [3n, 3n, 3n], 'Conv "node": it works on 3 axes'],
  ['MaxPool', 'kernel_shape', [2n, 2n, 2n], 'MaxPool "node": it works on 3 axes'],
  ['ScatterElements', 'reduction', 'mul', 'ScatterElements "node": its reduction is mul'],
] as const)('what the attributes of %s tell is refused before anything runs', (opType, name, value, message) => {
  const attribute =
    typeof value === 'string'
      ? { name, type: 3, s: new TextEncoder().encode(value) }
      : { name, type: 7, ints: [...value] };
  const node = [{ opType, name: 'node', input: ['x', 'x', 'x'], output: ['y'], attribute: [attribute] }];
  const graph = { input: [port('x')], output: [port('y')], node };
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], graph });
  expect(() => importOnnx(toBinary(ModelProtoSchema, model))).toThrow(message);
});
