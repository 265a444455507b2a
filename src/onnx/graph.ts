/** The graph of an ONNX file: checked, and without the details of the file. */
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
} from 'onnx-buf';
import { describe } from '../runtime/describe.js';
import { ArgumentError, UnsupportedError } from '../runtime/errors.js';
import { type Constant, readTensor, wrong } from './tensors.js';

/** One node of the graph. */
export interface GraphNode {
  readonly type: string;
  /** How messages call it: `Conv "conv1"`. */
  readonly title: string;
  /** Names of values; '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** The graphs that an If or a Loop runs, by attribute. What they use from outside is among the inputs. */
  readonly bodies?: ReadonlyMap<string, Body>;
}

/** A graph within a node. */
export interface Body {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** An input or output of the graph. */
export interface GraphValue {
  readonly name: string;
  /** Element type; undefined where the file does not say. */
  readonly type: number | undefined;
  /** Sizes, or the names of those that are open; undefined where the file does not say. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** What is computed, in order. */
export interface Graph {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, Constant>;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Notes of whoever wrote the file. */
  readonly notes: ReadonlyMap<string, string>;
}

/** The operator sets whose definitions are known here. */
export const OLDEST = 7;
export const NEWEST = 25;

/** Deeper than any sensible model has messages within messages, and far from the depth that a stack bears. */
const DEPTH = 100;

/**
 * @throws {FileFormatError} when the bytes are not an ONNX model, or its graph is broken
 * @throws {UnsupportedError} when it needs what lanewise does not have
 */
export function readGraph(bytes: Uint8Array | ArrayBuffer, lossy: boolean): Graph {
  const model = decode(bytes);
  const { graph } = model;
  if (graph === undefined) throw wrong('there is no graph in it: the bytes are not an ONNX model');
  const opset = opsetOf(model, graph);
  const initializers = new Map<string, Constant>();
  for (const proto of graph.initializer) {
    if (proto.name === '') throw wrong('an initializer has no name');
    if (initializers.has(proto.name)) throw wrong(`there are two initializers ${JSON.stringify(proto.name)}`);
    initializers.set(proto.name, readTensor(proto, `the initializer ${JSON.stringify(proto.name)}`, lossy));
  }
  if (graph.sparseInitializer.length > 0)
    throw new UnsupportedError('it has sparse initializers', { where: 'importOnnx' });
  const nodes = graph.node.map(nodeOf);
  const inputs = graph.input.map(portOf).filter(({ name }) => !initializers.has(name));
  const outputs = graph.output.map(portOf);
  checkOrder(nodes, [...initializers.keys(), ...inputs.map(({ name }) => name)], outputs);
  const notes = new Map(model.metadataProps.map(({ key, value }) => [key, value]));
  return { name: graph.name, opset, nodes, initializers, inputs, outputs, notes };
}

function decode(given: Uint8Array | ArrayBuffer): ModelProto {
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError(`the model must be bytes (a Uint8Array), not ${describe(given)}`, {
      where: 'importOnnx',
      hint: 'read the file: await readFile(path), or await (await fetch(url)).bytes()',
    });
  if (bytes.length === 0) throw wrong('the file is empty');
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false, recursionLimit: DEPTH });
  } catch (cause) {
    throw wrong(`it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function opsetOf({ opsetImport }: ModelProto, graph: GraphProto): number {
  const own = opsetImport.filter(({ domain }) => isOnnx(domain));
  if (own.length === 0 && graph.node.some(({ domain }) => isOnnx(domain)))
    throw wrong('it does not say which operator set it uses');
  const opset = Math.max(OLDEST, ...own.map(({ version }) => Number(version)));
  const oldest = Math.min(opset, ...own.map(({ version }) => Number(version)));
  if (oldest < OLDEST || opset > NEWEST) {
    throw new UnsupportedError(
      `it uses operator set ${oldest < OLDEST ? oldest : opset}; ${OLDEST} to ${NEWEST} are known`,
      {
        where: 'importOnnx',
        hint: 'convert it with onnx.version_converter, or export it again with opset_version=17',
      },
    );
  }
  return opset;
}

const isOnnx = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

function nodeOf(proto: NodeProto, index: number): GraphNode {
  const type = isOnnx(proto.domain) ? proto.opType : `${proto.domain}.${proto.opType}`;
  const title = `${type} ${proto.name === '' ? `(node ${index})` : JSON.stringify(proto.name)}`;
  const attributes = new Map<string, AttributeProto>();
  for (const attribute of proto.attribute) attributes.set(attribute.name, attribute);
  const node = { type, title, inputs: proto.input, outputs: proto.output, attributes };
  const names = Object.hasOwn(BODIES, type) ? BODIES[type]! : [];
  if (names.length === 0) return node;
  const bodies = new Map<string, Body>();
  const captured = new Set<string>();
  for (const name of names) {
    const found = attributes.get(name)?.g;
    if (found === undefined) throw wrong(`${title} has no attribute ${name}`);
    bodies.set(name, bodyOf(found, title, captured));
  }
  // Inputs that are left out at the end keep their places.
  const given = type === 'Loop' ? bodies.get('body')!.inputs.length : 1;
  if (node.inputs.length !== given || given < (type === 'Loop' ? 2 : 1))
    throw wrong(`${title} has ${node.inputs.length} inputs, and its graph takes ${given}`);
  return { ...node, inputs: [...node.inputs, ...captured], bodies };
}

/** Which nodes have graphs of their own, and where. */
const BODIES: Readonly<Record<string, readonly string[]>> = { If: ['then_branch', 'else_branch'], Loop: ['body'] };

/** A graph within a node; adds what it uses from outside to `captured`. */
function bodyOf(graph: GraphProto, title: string, captured: Set<string>): Body {
  const constants = graph.initializer.map((t): GraphNode => {
    const value = create(AttributeProtoSchema, { name: 'value', type: 4, t });
    return {
      type: 'Constant',
      title: `the initializer ${JSON.stringify(t.name)} of ${title}`,
      inputs: [],
      outputs: [t.name],
      attributes: new Map([['value', value]]),
    };
  });
  const nodes = [...constants, ...graph.node.map(nodeOf)];
  const inputs = graph.input.map(({ name }) => name);
  const outputs = graph.output.map(({ name }) => name);
  const made = new Set(inputs);
  const use = (name: string) => {
    if (name !== '' && !made.has(name)) captured.add(name);
  };
  for (const node of nodes) {
    for (const name of node.inputs) use(name);
    for (const name of node.outputs) made.add(name);
  }
  for (const name of outputs) use(name);
  return { nodes, inputs, outputs };
}

function portOf({ name, type }: GraphProto['input'][number]): GraphValue {
  if (type === undefined) return { name, type: undefined, shape: undefined };
  if (type.value.case !== 'tensorType')
    throw new UnsupportedError(`${JSON.stringify(name)} is a ${type.value.case ?? 'value'}, not a tensor`, {
      where: 'importOnnx',
    });
  const { elemType, shape } = type.value.value;
  const sizes = shape?.dim.map(({ value }, axis) => {
    if (value.case === 'dimParam') return value.value;
    if (value.case !== 'dimValue') return `dim${axis}`;
    const length = Number(value.value);
    if (length < 0) throw wrong(`axis ${axis} of ${JSON.stringify(name)} has the size ${length}`);
    return length;
  });
  return { name, type: elemType === 0 ? undefined : elemType, shape: sizes };
}

/** Each value is made once, before it is used: then there is no circle. */
function checkOrder(nodes: readonly GraphNode[], given: readonly string[], outputs: readonly GraphValue[]): void {
  const made = new Set<string>();
  const make = (name: string, by: string): void => {
    if (made.has(name)) throw wrong(`the value ${JSON.stringify(name)} is made twice, the second time by ${by}`);
    made.add(name);
  };
  for (const name of given) make(name, 'an input');
  const later = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node.title])));
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (name === '' || made.has(name)) continue;
      const maker = later.get(name);
      throw wrong(
        maker === undefined
          ? `${node.title} uses ${JSON.stringify(name)}, which nothing makes`
          : `${node.title} uses ${JSON.stringify(name)} before ${maker} makes it: ` +
              'the nodes are not in order, or form a circle',
      );
    }
    for (const name of node.outputs) if (name !== '') make(name, node.title);
  }
  if (outputs.length === 0) throw wrong('the graph has no outputs');
  for (const { name } of outputs) if (!made.has(name)) throw wrong(`nothing makes the output ${JSON.stringify(name)}`);
}
