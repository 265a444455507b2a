/** Writes a model as an ONNX file, by running it. */
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type NodeProto, type ValueInfoProto, ValueInfoProtoSchema } from 'onnx-buf';
import type { AnyModule } from '../../nn/core/module.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, LanewiseError, UnsupportedError } from '../../runtime/errors.js';
import { generatorState, setGeneratorState } from '../../runtime/generator.js';
import { tensor } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import { FLOAT, INT32, UINT8 } from '../elements.js';
import { OnnxModule } from '../module.js';
import { BUFFERS } from '../plan.js';
import { type Both, Builder } from './builder.js';
import { elementwise } from './elementwise.js';
import { layers } from './layers.js';
import { movement } from './movement.js';
import { type Recording, recordForward } from './recording.js';
import { recurrentLayers } from './recurrent.js';
import { type Writers, Writing } from './step.js';

/** What is written. */
export interface ExportOptions {
  /**
   * Whether the first axis of the inputs may have any length in the file: the model runs with two of them. Default:
   * true; false fixes it to that of the example.
   */
  readonly dynamicBatch?: boolean;
  /** Names of the inputs. Default: `input`, or `input_0`, `input_1`, … */
  readonly inputNames?: readonly string[];
  /** Names of the outputs. Default: `output`, or `output_0`, …, or the keys of the object that `forward` gives. */
  readonly outputNames?: readonly string[];
  /** Notes in the file, by key. Default: those of an imported model, else none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const WRITERS: Writers = { ...elementwise, ...movement, ...layers, ...recurrentLayers };

const [OPSET, IR_VERSION] = [17n, 8n];
const CALL =
  'exportOnnx(model, exampleInputs=x|[x], ' +
  '{ dynamicBatch: true, inputNames: ["x"], outputNames: ["y"], metadata: settings })';
/** What the length of the batch is called in the file. */
const BATCH = 'batch';

/**
 * The bytes of an ONNX file (operator set 17) that computes what `forward` computes: any forward pass that is written
 * with lanewise's operations.
 *
 * The model runs on the example, in the mode that it is in (`eval()` first, to use the file for inference), and each
 * operation is written down. With `dynamicBatch` it runs with two sizes of batch: sizes that differ become open, and a
 * number that was made from the size of the batch is an error. Branches are taken as they are for the example. Layers
 * that are computed in one pass are written as they are by themselves. Parameters and buffers keep their keys.
 *
 * @param model with any number of inputs; it is left as it was
 * @param exampleInputs one tensor, or one for each input; their values do not matter
 * @throws {UnsupportedError} that lists the operations that ONNX has no operator for, with their layers
 * @throws {ArgumentError} when the example is not made of tensors, or has no batch
 * @example
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2)).eval();
 * const bytes = exportOnnx(model, zeros([1, 4]));
 * importOnnx(bytes).forward(zeros([3, 4])).shape;   // [3, 2]
 */
export function exportOnnx(
  model: AnyModule,
  exampleInputs: Tensor | readonly Tensor[],
  options: ExportOptions = {},
): Uint8Array {
  checkArguments(CALL, model, exampleInputs, options);
  const { dynamicBatch = true } = options;
  const examples = isTensor(exampleInputs) ? [exampleInputs] : exampleInputs;
  checkExamples(examples, options);
  const sizes = dynamicBatch ? batchSizes(examples) : null;
  return scope(() => {
    const [a, b] = asItWas(model, () => {
      if (sizes === null) {
        const recording = recordForward(model, examples);
        return [recording, recording] as const;
      }
      return [
        recordForward(model, batchOf(examples, sizes[0], 0)),
        recordForward(model, batchOf(examples, sizes[1], 1)),
      ] as const;
    });
    return write(model, a, b, sizes, options);
  });
}

function checkExamples(examples: readonly Tensor[], { inputNames }: ExportOptions): void {
  const where = 'exportOnnx';
  if (!Array.isArray(examples) || examples.length === 0 || !examples.every((x) => isTensor(x)))
    throw new ArgumentError('the example must be a tensor, or an array of one for each input', { where });
  if (inputNames !== undefined && inputNames.length !== examples.length)
    throw new ArgumentError(`there are ${inputNames.length} inputNames for ${examples.length} inputs`, { where });
}

/**
 * Two lengths of the first axis: that of the example, if it is not 1 (which repeats), and one so much larger that half
 * of the batch is another number too.
 */
function batchSizes(examples: readonly Tensor[]): readonly [number, number] {
  const size = examples[0]!.shape[0];
  if (size === undefined || size === 0) {
    throw new ArgumentError(`the example of shape ${formatShape(examples[0]!.shape)} has no batch`, {
      where: 'exportOnnx',
      hint: 'give an example with a first axis of at least 1, or { dynamicBatch: false }',
    });
  }
  const first = Math.max(size, 2);
  return [first, 2 * first + 1];
}

/** As many rows of the examples, from one of them on, and other numbers in each run. */
function batchOf(examples: readonly Tensor[], size: number, run: number): Tensor[] {
  const own = examples[0]!.shape[0]!;
  return examples.map((example) => {
    if (example.shape[0] !== own) return example;
    const row = example.size / own;
    const source = example.data();
    const rows = new (source.constructor as Float32ArrayConstructor)(size * row);
    for (let i = 0; i < size; i++)
      rows.set(source.subarray(((i + run) % own) * row, (((i + run) % own) + 1) * row), i * row);
    if (run > 0 && example.dtype === 'float32') for (let i = 0; i < rows.length; i++) rows[i]! *= 0.5;
    return tensor(rows, { shape: [size, ...example.shape.slice(1)], dtype: example.dtype });
  });
}

/** Runs `body`, and puts back what a forward pass in training mode changes. */
function asItWas<R>(model: AnyModule, body: () => R): R {
  const generator = generatorState();
  const buffers = model.buffers().map((buffer) => [buffer, buffer.data()] as const);
  try {
    return body();
  } finally {
    setGeneratorState(generator);
    for (const [buffer, before] of buffers) buffer.view().set(before);
  }
}

function write(
  model: AnyModule,
  a: Recording,
  b: Recording,
  sizes: readonly [number, number] | null,
  options: ExportOptions,
): Uint8Array {
  const inputNames =
    options.inputNames ??
    (model instanceof OnnxModule
      ? model.inputs.map(({ name }) => name)
      : a.inputs.map((_, i) => (a.inputs.length === 1 ? 'input' : `input_${i}`)));
  const builder = new Builder(sizes, inputNames[0]!, [a.constants, b.constants]);
  const members = [...model.namedParameters(), ...model.namedBuffers()];
  for (const [key, member] of members) builder.initializer(member, key);
  const inputs = a.inputs.map((input, i) => {
    const name = builder.reserve(inputNames[i]!);
    const type = input.dtype === 'float32' ? FLOAT : input.dtype === 'int32' ? INT32 : UINT8;
    builder.name(input, { name, type });
    return info(builder, name, type, input.shape, b.inputs[i]!.shape);
  });
  writeSteps(builder, a, b);
  const outputs = a.outputs.map(([key, value], i) => {
    builder.enter(undefined);
    const made = builder.value([value, b.outputs[i]![1]]);
    const name = builder.reserve(options.outputNames?.[i] ?? key);
    builder.publish(made, name);
    return info(builder, name, made.type, value.shape, b.outputs[i]![1].shape);
  });
  const { nodes, used } = needed(builder.nodes, outputs);
  const initializers = builder.initializers.filter(({ name }) => used.has(name));
  const isUsed = (name: string) => used.has(name);
  const buffers = model
    .namedBuffers()
    .filter(([, { dtype }]) => dtype === 'float32')
    .map(([key]) => key)
    .filter(isUsed);
  const metadata = Object.entries(options.metadata ?? (model instanceof OnnxModule ? model.metadata : {}));
  if (buffers.length > 0) metadata.push([BUFFERS, JSON.stringify(buffers)]);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'lanewise',
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: metadata.map(([key, value]) => ({ key, value: String(value) })),
      graph: { name: model.constructor.name, node: nodes, initializer: initializers, input: inputs, output: outputs },
    }),
  );
}

/** @throws {UnsupportedError} that lists what could not be written */
function writeSteps(builder: Builder, a: Recording, b: Recording): void {
  const problems: string[] = [];
  const place = (layer: string | undefined) => (layer ? ` (in layer ${layer})` : '');
  a.steps.forEach((step, i) => {
    const twin = b.steps[i];
    if (twin?.name !== step.name || a.steps.length !== b.steps.length) {
      throw new UnsupportedError(
        `the forward pass does other things with another batch: operation ${i} is ${step.name}${place(step.layer)}, ` +
          `then ${twin?.name ?? 'missing'}`,
        { where: 'exportOnnx', hint: 'branches that depend on the size of the batch, or on values, cannot be written' },
      );
    }
    const writer = Object.hasOwn(WRITERS, step.name) ? WRITERS[step.name] : undefined;
    if (writer === undefined) {
      problems.push(`${step.name}${place(step.layer)}: no operator`);
      builder.unknown(step.output);
      return;
    }
    builder.enter(step.layer);
    try {
      const both: Both = { name: step.name, a: step, b: twin };
      builder.name(step.output, writer(new Writing(builder, both)));
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      problems.push(`${step.name}${place(step.layer)}: ${error.message.replace(/^exportOnnx: /, '')}`);
      builder.unknown(step.output);
    }
  });
  if (problems.length > 0) {
    throw new UnsupportedError(`the forward pass cannot be written:\n  ${problems.join('\n  ')}`, {
      where: 'exportOnnx',
      hint: 'docs/onnx.md lists what can be; { dynamicBatch: false } fixes the size of the batch',
    });
  }
}

function info(builder: Builder, name: string, elemType: number, a: Shape, b: Shape): ValueInfoProto {
  const dim = a.map((length, axis) => {
    if (length === b[axis]) return { value: { case: 'dimValue' as const, value: BigInt(length) } };
    const [first, second] = builder.sizes!;
    const share = length / first;
    const isShare = Number.isInteger(share) && b[axis] === share * second;
    const size = isShare ? (share === 1 ? BATCH : `${share}*${BATCH}`) : `${name}_${axis}`;
    return { value: { case: 'dimParam' as const, value: size } };
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  });
}

/** The nodes that the outputs depend on, and the names that are used. */
function needed(nodes: readonly NodeProto[], outputs: readonly ValueInfoProto[]) {
  const used = new Set(outputs.map(({ name }) => name));
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => used.has(name))) continue;
    kept.push(node);
    for (const name of node.input) used.add(name);
  }
  return { nodes: kept.reverse(), used };
}
