/** onnxruntime-web with its wasm backend as a contender, for products and inference. Argument: threads. */
import fs from 'node:fs';
import path from 'node:path';
import type { InputArray, Inputs } from '../inputs.js';
import { type Contender, serve, type Task, Unsupported } from '../serve.js';
import type { Layer, Work } from '../work.js';

/**
 * The parts of onnxruntime-web, onnx-buf and @bufbuild/protobuf that are used here; the packages are optional, and so
 * are their types.
 */
interface OrtTensor {
  readonly data: Float32Array;
}
interface Session {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}
interface Ort {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: { executionProviders: ['wasm'] }): Promise<Session> };
}
type Message = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<'ModelProtoSchema', unknown>>;
interface Protobuf {
  create(schema: unknown, value: Message): unknown;
  toBinary(schema: unknown, message: unknown): Uint8Array;
}

/** Numbers of the ONNX format. @see onnx.proto3, TensorProto.DataType and AttributeProto.AttributeType */
const FLOAT = 1;
const [FLOAT_ATTRIBUTE, INT_ATTRIBUTE, INTS_ATTRIBUTE] = [1, 2, 7];
const OPSET = 13n;
const IR_VERSION = 8n;

/** A graph as it grows, from the input `x` to its last value. */
class Graph {
  private readonly nodes: Message[] = [];
  private readonly initializers: Message[] = [];
  private named = 0;

  constant(data: Float32Array, shape: readonly number[]): string {
    const name = `c${this.named++}`;
    this.initializers.push({
      name,
      dims: shape.map(BigInt),
      dataType: FLOAT,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
    return name;
  }

  /**
   * Adds an operation; returns the name of its result. Attributes: whole numbers and lists of them; `epsilon` is a
   * fraction.
   */
  node(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    const output = `v${this.named++}`;
    const attribute = Object.entries(attributes).map(([name, value]) => {
      if (typeof value !== 'number') return { name, type: INTS_ATTRIBUTE, ints: value.map(BigInt) };
      return name === 'epsilon'
        ? { name, type: FLOAT_ATTRIBUTE, f: value }
        : { name, type: INT_ATTRIBUTE, i: BigInt(value) };
    });
    this.nodes.push({ opType, name: output, input, output: [output], attribute });
    return output;
  }

  model(inputs: Readonly<Record<string, readonly number[]>>, output: string): Message {
    const float = (name: string, shape?: readonly number[]) => {
      const dims =
        shape === undefined
          ? {}
          : { shape: { dim: shape.map((length) => ({ value: { case: 'dimValue', value: BigInt(length) } })) } };
      return { name, type: { value: { case: 'tensorType', value: { elemType: FLOAT, ...dims } } } };
    };
    return {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: 'case',
        node: this.nodes,
        initializer: this.initializers,
        input: Object.entries(inputs).map(([name, shape]) => float(name, shape)),
        output: [float(output)],
      },
    };
  }
}

/** Adds the layers after the value `x`; `parameter` gives p0, p1, … */
function addLayers(graph: Graph, layers: readonly Layer[], x: string, parameter: () => InputArray): string {
  const constant = () => {
    const { data, shape } = parameter();
    return graph.constant(data as Float32Array, shape);
  };
  return layers.reduce((from, spec) => {
    switch (spec.layer) {
      case 'linear':
        return graph.node('Gemm', [from, constant(), constant()], { transB: 1 });
      case 'conv': {
        const inputs = [from, constant(), ...(spec.bias ? [constant()] : [])];
        return graph.node('Conv', inputs, convolution(spec));
      }
      case 'batchNorm': {
        const [scale, shift] = [constant(), constant()];
        const [mean, variance] = [0, 1].map((value) =>
          graph.constant(new Float32Array(spec.channels).fill(value), [spec.channels]),
        ) as [string, string];
        return graph.node('BatchNormalization', [from, scale, shift, mean, variance], { epsilon: 1e-5 });
      }
      case 'relu':
        return graph.node('Relu', [from]);
      case 'maxPool':
      case 'averagePool':
        return graph.node(spec.layer === 'maxPool' ? 'MaxPool' : 'AveragePool', [from], {
          kernel_shape: [spec.size, spec.size],
          strides: [spec.size, spec.size],
        });
      case 'globalAveragePool':
        return graph.node('GlobalAveragePool', [from]);
      case 'flatten':
        return graph.node('Flatten', [from], { axis: 1 });
      case 'lstm':
      case 'block':
      case 'meanOverSteps':
        throw new Unsupported(`${spec.layer} is not measured with onnxruntime-web`);
      case 'residual': {
        const body = addLayers(graph, spec.body, from, parameter);
        return graph.node('Add', [body, addLayers(graph, spec.shortcut, from, parameter)]);
      }
    }
  }, x);
}

function convolution({
  kernel,
  stride,
  padding,
}: {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}) {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] };
}

/** The graph of a case, and the names of the inputs that it is fed. */
function graphOf(work: Work, inputs: Inputs): { graph: Graph; output: string; fed: readonly string[] } {
  const graph = new Graph();
  const constant = (name: string) => graph.constant(inputs[name]!.data as Float32Array, inputs[name]!.shape);
  switch (work.kind) {
    case 'matmul':
      return { graph, output: graph.node('MatMul', ['a', 'b']), fed: ['a', 'b'] };
    case 'linear':
      return {
        graph,
        output: graph.node('Gemm', ['x', constant('weight'), constant('bias')], { transB: 1 }),
        fed: ['x'],
      };
    case 'conv':
      return {
        graph,
        output: graph.node('Conv', ['x', constant('weight'), constant('bias')], convolution(work)),
        fed: ['x'],
      };
    case 'infer': {
      let next = 0;
      return { graph, output: addLayers(graph, work.network.layers, 'x', () => inputs[`p${next++}`]!), fed: ['x'] };
    }
    default:
      throw new Unsupported(`onnxruntime-web has no ${work.kind}`);
  }
}

await serve(async (): Promise<Contender> => {
  const threads = Number(process.argv[2] ?? 1);
  const [ortName, schemaName, protobufName] = ['onnxruntime-web', 'onnx-buf', '@bufbuild/protobuf'];
  const ort = (await import(ortName)) as Ort;
  const { ModelProtoSchema } = (await import(schemaName)) as Schemas;
  const { create, toBinary } = (await import(protobufName)) as Protobuf;
  ort.env.wasm.numThreads = threads;
  const { version } = JSON.parse(
    fs.readFileSync(path.join(import.meta.dirname, '../node_modules', ortName, 'package.json'), 'utf8'),
  ) as { version: string };

  return {
    version,
    threads,
    fast: false,
    async open(work, inputs): Promise<Task> {
      const { graph, output, fed } = graphOf(work, inputs);
      const shapes = Object.fromEntries(fed.map((name) => [name, inputs[name]!.shape]));
      const model = toBinary(ModelProtoSchema, create(ModelProtoSchema, graph.model(shapes, output)));
      const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
      const feeds = Object.fromEntries(
        fed.map((name) => [name, new ort.Tensor('float32', inputs[name]!.data as Float32Array, inputs[name]!.shape)]),
      );
      return {
        run: async () => {
          await session.run(feeds);
        },
        asynchronous: true,
        outputs: async () => ({ y: (await session.run(feeds))[output]!.data }),
        close: () => {
          void session.release();
        },
      };
    },
  };
});
