/** One operation as it is being written. */
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, FLOAT } from '../elements.js';
import { type AttributeValue, type Both, type Builder, float, type Named, type Twin } from './builder.js';

/** An operation of both runs, with shorthands for writing it. */
export class Writing {
  constructor(
    readonly graph: Builder,
    readonly both: Both,
  ) {}

  // ---- What the operation was given ----

  input(position: number): Twin {
    return [this.both.a.inputs[position]!, this.both.b.inputs[position]!];
  }

  get output(): Tensor {
    return this.both.a.output;
  }

  /** Shape of the result in both runs. */
  get shapes(): readonly [Shape, Shape] {
    return [this.both.a.output.shape, this.both.b.output.shape];
  }

  /** Shape of an input in both runs. */
  inputShapes(position = 0): readonly [Shape, Shape] {
    const [a, b] = this.input(position);
    return [a.shape, b.shape];
  }

  /** A number that is the same in both runs. */
  number(key: string): number {
    return this.graph.fixed(this.both.a.attributes[key] as number, this.both.b.attributes[key] as number, key);
  }

  list(key: string): readonly number[] {
    return this.graph.fixedList(
      this.both.a.attributes[key] as readonly number[],
      this.both.b.attributes[key] as readonly number[],
      key,
    );
  }

  /** An attribute that is the same in both runs: a name, a flag. */
  setting<T>(key: string): T {
    const [a, b] = [this.both.a.attributes[key], this.both.b.attributes[key]];
    if (JSON.stringify(a) !== JSON.stringify(b))
      throw this.graph.error(`${key} is ${String(a)} and then ${String(b)}: it was made from the size of the batch`);
    return a as T;
  }

  /** An attribute that is a tensor; null where it is left out. */
  part(key: string): Twin | null {
    const a = this.both.a.attributes[key] as Tensor | null | undefined;
    return a == null ? null : [a, this.both.b.attributes[key] as Tensor];
  }

  // ---- Values ----

  /** Input 0 as float32. */
  get x(): Named {
    return this.graph.as(this.input(0), 'float32');
  }

  /** Input 0 as it is. */
  get raw(): Named {
    return this.graph.value(this.input(0));
  }

  float(twin: Twin): Named {
    return this.graph.as(twin, 'float32');
  }

  scalar(value: number): Named {
    return this.graph.constant(FLOAT, [], Float32Array.of(value));
  }

  filled(count: number, value: number): Named {
    return this.graph.constant(FLOAT, [count], new Float32Array(count).fill(value));
  }

  node(
    opType: string,
    inputs: readonly (Named | null)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    type?: number,
  ): Named {
    return this.graph.node(opType, inputs, attributes, type ?? inputs[0]?.type ?? FLOAT);
  }

  /** The result in the shape that it has. */
  shaped(value: Named): Named {
    return this.graph.reshape(value, ...this.shapes);
  }

  /** A condition on two values. */
  condition(opType: string, a: Named, b: Named): Named {
    return this.node(opType, [a, b], {}, BOOL);
  }

  relu(value: Named, wanted: boolean): Named {
    return wanted ? this.node('Relu', [value]) : value;
  }
}

/** Writes the nodes of an operation; gives the value of its result. */
export type Writer = (step: Writing) => Named;

export type Writers = Readonly<Record<string, Writer>>;

export { float };
