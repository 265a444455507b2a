/** A graph as a module: it runs node by node, and what the graph learned are its parameters. */
import { BufferTensor } from '../nn/core/buffer.js';
import { type Member, Module } from '../nn/core/module.js';
import { Parameter } from '../nn/core/parameter.js';
import { ArgumentError, DTypeError, LanewiseError, ShapeError } from '../runtime/errors.js';
import { tensor } from '../tensor/create.js';
import { scope } from '../tensor/scope.js';
import { formatShape } from '../tensor/shape.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { runControl } from './control.js';
import { isFloat, storageOf } from './elements.js';
import type { Graph, GraphNode, GraphValue } from './graph.js';
import { Call, type Operator } from './operators/call.js';
import { OPERATORS } from './operators/index.js';
import { BUFFERS, type Plan } from './plan.js';
import { wrong } from './tensors.js';
import { Value } from './values.js';

/** How an imported model computes. */
export interface RunOptions {
  /** See `precision` of `conv2d`. Default: 'fast'. */
  readonly precision?: 'fast' | 'precise';
}

/** What a model takes or gives. */
export interface OnnxValue {
  readonly name: string;
  /** Sizes; a text names one that is open, such as the batch; undefined where the file does not say. */
  readonly shape: readonly (number | string)[] | undefined;
  readonly dtype: 'float32' | 'int32' | 'uint8';
}

/**
 * A model read from an ONNX file, as {@link importOnnx} makes it. Its floating-point initializers are parameters, those
 * of integers and the statistics of batch normalisation are buffers; the keys are the names in the file.
 *
 * It begins in evaluation mode. In training mode (`train()`), batch normalisation uses the batch and dropout drops.
 */
export class OnnxModule<Out extends Tensor | Tensor[] = Tensor> extends Module<Tensor[], Out> {
  /** What `forward` takes, in order. */
  readonly inputs: readonly OnnxValue[];
  /** What it gives: one tensor, or an array of several. */
  readonly outputs: readonly OnnxValue[];
  /** The operator set of the file. */
  readonly opset: number;
  /** The notes in the file (`metadata_props`), such as those of {@link ExportOptions.metadata}. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #graph: Graph;
  readonly #plan: Plan;
  readonly #precision: 'fast' | 'precise';
  readonly #members = new Map<string, Parameter | BufferTensor>();
  /** Values that no run changes. */
  readonly #constants: ReadonlyMap<string, Value>;

  /** @internal */
  constructor(graph: Graph, plan: Plan, { precision = 'fast' }: RunOptions) {
    super();
    this.#graph = graph;
    this.#plan = plan;
    this.#precision = precision;
    this.opset = graph.opset;
    this.metadata = Object.fromEntries([...graph.notes].filter(([key]) => key !== BUFFERS));
    this.inputs = graph.inputs.map((value) => shown(value, value.type));
    this.outputs = graph.outputs.map((value) => shown(value, plan.types.get(value.name) ?? value.type));
    for (const [name, kind] of plan.members) {
      const { numbers, shape, type } = graph.initializers.get(name)!;
      const held = tensor(numbers, { shape, dtype: storageOf(type)! });
      this.#members.set(name, kind === 'parameter' ? new Parameter(held) : new BufferTensor(held));
    }
    const constants = new Map<string, Value>();
    for (const [name, { type, shape, numbers }] of graph.initializers)
      if (!plan.members.has(name)) constants.set(name, Value.numbers(type, shape, numbers));
    scope(() => {
      this.#run(constants, plan.constant);
      // Numbers outlast the scope.
      for (const [name, { type, shape, numbers }] of constants)
        constants.set(name, Value.numbers(type, shape, numbers));
    });
    this.#constants = constants;
    this.eval();
  }

  /** @internal */
  protected override members(): readonly Member[] {
    return [...this.#members];
  }

  /**
   * The outputs of the graph for its inputs, in the order of the file.
   *
   * @throws {ArgumentError} when there are too few or too many inputs
   * @throws {ShapeError | DTypeError} when one is not what the file says
   */
  forward(...inputs: Tensor[]): Out {
    this.#check(inputs);
    const values = new Map(this.#constants);
    for (const [name, member] of this.#members) {
      const { type } = this.#graph.initializers.get(name)!;
      values.set(name, isFloat(type) || member.size > FEW ? Value.of(member, type) : Value.buffer(member, type));
    }
    this.#graph.inputs.forEach(({ name, type }, i) => {
      values.set(name, Value.of(inputs[i]!, type!));
    });
    this.#run(values, this.#plan.nodes);
    const outputs = this.#graph.outputs.map(({ name }) => values.get(name)!.tensor);
    return (outputs.length === 1 ? outputs[0]! : outputs) as Out;
  }

  #check(inputs: readonly Tensor[]): void {
    const where = this.#graph.name || 'OnnxModule';
    if (inputs.length !== this.inputs.length) {
      const names = this.inputs.map(({ name }) => name).join(', ');
      throw new ArgumentError(
        `the number of inputs is ${inputs.length}, and the model takes ${this.inputs.length}: ${names}`,
        {
          where,
        },
      );
    }
    const open = new Map<string, number>();
    this.inputs.forEach(({ name, shape, dtype }, i) => {
      const given = inputs[i]!;
      if (!isTensor(given)) throw new ArgumentError(`the input ${name} is not a tensor`, { where });
      if (given.dtype !== dtype)
        throw new DTypeError(`the input ${name} must be ${dtype}, not ${given.dtype}`, {
          where,
          hint: `convert it with .to('${dtype}')`,
        });
      if (shape === undefined) return;
      const fits = (length: number, axis: number): boolean => {
        const wanted = shape[axis]!;
        if (typeof wanted === 'number') return wanted === length;
        if (!open.has(wanted)) open.set(wanted, length);
        return open.get(wanted) === length;
      };
      if (given.rank !== shape.length || !given.shape.every(fits))
        throw new ShapeError(`the input ${name} has shape ${formatShape(given.shape)}, not [${shape.join(', ')}]`, {
          where,
        });
    });
  }

  #run(values: Map<string, Value>, nodes: readonly GraphNode[]): void {
    for (const node of nodes) {
      if (node.bodies !== undefined) {
        this.#keep(node, values, this.#runInner(node, values));
        continue;
      }
      const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)!));
      const call = new Call(node, this.#graph.opset, this.#plan.lossy, inputs, this.training, this.#precision);
      this.#keep(node, values, this.#runNode(OPERATORS[node.type]!, call));
    }
  }

  #runInner(node: GraphNode, values: ReadonlyMap<string, Value>): readonly Value[] {
    return runControl(node, values, (own, nodes) => {
      this.#run(own, nodes);
    });
  }

  #keep(node: GraphNode, values: Map<string, Value>, results: readonly Value[]): void {
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      const result = results[i];
      if (result === undefined) throw wrong(`${node.title} gives ${results.length} outputs, not ${i + 1}`);
      values.set(name, result);
    });
  }

  #runNode(operator: Operator, call: Call): readonly Value[] {
    try {
      const result = operator.run(call);
      return result instanceof Value ? [result] : result;
    } catch (error) {
      if (error instanceof LanewiseError) throw error.inLayer(call.node.title);
      // What the file says makes no sense to a kernel or to a loop over it.
      throw wrong(`${call.node.title} cannot run: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Buffers with more elements are not read outside of tensors. */
const FEW = 4096;

function shown({ name, shape }: GraphValue, type: number | undefined): OnnxValue {
  return { name, shape, dtype: storageOf(type ?? 1) ?? 'float32' };
}
