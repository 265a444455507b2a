/** What an operator is given when its node runs, and what it has to say of itself. */
import { UnsupportedError } from '../../runtime/errors.js';
import type { Accepts } from '../elements.js';
import type { GraphNode } from '../graph.js';
import { type Constant, readTensor, wrong } from '../tensors.js';
import type { Value } from '../values.js';

/** The attributes of a node, read by name. */
export class Attributes {
  constructor(
    readonly node: GraphNode,
    readonly opset: number,
    readonly lossy = false,
  ) {}

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  int(name: string, otherwise: number): number {
    const found = this.node.attributes.get(name);
    return found === undefined ? otherwise : Number(found.i);
  }

  flag(name: string, otherwise = false): boolean {
    return this.int(name, Number(otherwise)) !== 0;
  }

  float(name: string, otherwise: number): number {
    return this.node.attributes.get(name)?.f ?? otherwise;
  }

  ints(name: string): number[] | undefined {
    return this.node.attributes.get(name)?.ints.map(Number);
  }

  floats(name: string): number[] | undefined {
    return this.node.attributes.get(name)?.floats;
  }

  text(name: string, otherwise: string): string {
    const found = this.node.attributes.get(name);
    return found === undefined ? otherwise : new TextDecoder().decode(found.s);
  }

  tensor(name: string): Constant | undefined {
    const proto = this.node.attributes.get(name)?.t;
    return proto === undefined ? undefined : readTensor(proto, `the ${name} of ${this.node.title}`, this.lossy);
  }

  /** The attribute must be there. */
  required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw wrong(`${this.node.title} has no attribute ${name}`);
    return value;
  }

  /** What the node asks for is beyond what lanewise can do. */
  unsupported(problem: string): UnsupportedError {
    return new UnsupportedError(`${this.node.title}: ${problem}`, { where: 'importOnnx' });
  }
}

/** A node as it runs. */
export class Call extends Attributes {
  constructor(
    node: GraphNode,
    opset: number,
    lossy: boolean,
    readonly inputs: readonly (Value | undefined)[],
    /** Whether the model is in training mode. */
    readonly training: boolean,
    /** How convolutions are computed. */
    readonly precision: 'fast' | 'precise',
  ) {
    super(node, opset, lossy);
  }

  /** An input that must be there. */
  input(position: number): Value {
    const value = this.inputs[position];
    if (value === undefined) throw wrong(`${this.node.title} has no input ${position}`);
    return value;
  }

  /** An input that may be left out. */
  optional(position: number): Value | undefined {
    return this.inputs[position];
  }

  /** Whether anybody uses this output. */
  wants(output: number): boolean {
    return (this.node.outputs[output] ?? '') !== '';
  }

  get x(): Value {
    return this.input(0);
  }
}

/** An operator, as far as it is supported. */
export interface Operator {
  /** The kinds of elements of each input; the last one is that of all further inputs. */
  readonly takes: readonly Accepts[];
  /** Element type of the outputs: that of the input of this number, or a type of its own. Default: that of input 0. */
  readonly gives?: (
    attributes: Attributes,
    types: readonly (number | undefined)[],
    output: number,
  ) => number | undefined;
  /** The first operator set in which it exists, where that is after 7. */
  readonly since?: number;
  /** The first operator set that defines it in another way, which is not known here. */
  readonly until?: number;
  /** Says why a node cannot run, where its attributes tell. */
  readonly refuse?: (attributes: Attributes) => string | undefined;
  /** Inputs whose elements are numbers to the operator, or statistics: a float initializer there is no parameter. */
  readonly untrained?: readonly number[];
  readonly run: (call: Call) => Value | readonly Value[];
}

export type Operators = Readonly<Record<string, Operator>>;

/** An operator that moves elements of any type. */
export const moves = (run: Operator['run'], rest: Partial<Operator> = {}): Operator => ({
  takes: ['any'],
  run,
  ...rest,
});
