/**
 * Finds what older operator sets can only write as several nodes, and lanewise has as one operation: it is faster,
 * needs less memory for the gradient, and what `exportOnnx` wrote gives the same bits again.
 */
import { create } from '@bufbuild/protobuf';
import { type AttributeProto, AttributeProtoSchema } from 'onnx-buf';
import type { Graph, GraphNode } from './graph.js';
import { type Constant, readTensor } from './tensors.js';

/** The graph with those nodes replaced; what nothing needs any more is still in it. */
export function rewritten(graph: Graph, lossy: boolean): Graph {
  const view = new View(graph, lossy);
  const nodes = graph.nodes.map((node) => {
    for (const pattern of PATTERNS) {
      const found = pattern(view, node);
      if (found !== null) return { ...node, ...found };
    }
    return node;
  });
  return { ...graph, nodes };
}

type Replacement = Pick<GraphNode, 'type' | 'inputs' | 'attributes'>;
type Pattern = (view: View, node: GraphNode) => Replacement | null;

/** A graph seen from its results. */
class View {
  readonly #makers = new Map<string, GraphNode>();

  constructor(
    readonly graph: Graph,
    readonly lossy: boolean,
  ) {
    for (const node of graph.nodes) for (const name of node.outputs) this.#makers.set(name, node);
  }

  /** The node of this type that makes the value. */
  maker(name: string | undefined, type: string): GraphNode | null {
    const node = this.#makers.get(name ?? '');
    return node?.type === type ? node : null;
  }

  /** Elements that never change. */
  constant(name: string | undefined): Constant | null {
    const proto = this.maker(name, 'Constant')?.attributes.get('value')?.t;
    if (proto !== undefined) return readTensor(proto, `the value ${JSON.stringify(name)}`, this.lossy);
    return null;
  }

  isNumber(name: string | undefined, wanted: number): boolean {
    const found = this.constant(name);
    return found?.numbers.length === 1 && Math.abs(found.numbers[0]! - wanted) <= 1e-6 * Math.abs(wanted);
  }

  isFilled(name: string | undefined, wanted: number): boolean {
    return this.constant(name)?.numbers.every((n) => n === wanted) === true;
  }

  /** The other operand of an operator that may take them in either order, where one of them is this number. */
  beside(node: GraphNode | null, number: number): string | null {
    if (node === null) return null;
    const [a, b] = node.inputs;
    if (this.isNumber(b, number)) return a!;
    return this.isNumber(a, number) ? b! : null;
  }

  /** The operand besides the one that `is` accepts, in either order. */
  other(node: GraphNode | null, is: (name: string) => boolean): string | null {
    if (node === null || node.inputs.length !== 2) return null;
    const [a, b] = node.inputs as [string, string];
    if (is(b)) return a;
    return is(a) ? b : null;
  }
}

const text = (name: string, value: string): AttributeProto =>
  create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(value) });
const float = (name: string, value: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: 1, f: value });
const int = (name: string, value: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) });
const named = (...attributes: AttributeProto[]) => new Map(attributes.map((attribute) => [attribute.name, attribute]));

const gelu = (x: string, approximate: 'none' | 'tanh'): Replacement => ({
  type: 'lanewise.Gelu',
  inputs: [x],
  attributes: named(text('approximate', approximate)),
});

/** x·(1 + erf(x/√2))·½, as PyTorch's exporter writes it. */
const geluByErf: Pattern = (view, node) => {
  if (node.type !== 'Mul') return null;
  const product = view.maker(view.beside(node, 0.5) ?? undefined, 'Mul');
  const isPhi = (name: string): boolean => innerOfErf(view, name) !== null;
  const x = view.other(product, isPhi);
  if (x === null) return null;
  const phi = product!.inputs.find((name) => name !== x && isPhi(name)) ?? product!.inputs.find(isPhi)!;
  return innerOfErf(view, phi) === x ? gelu(x, 'none') : null;
};

/** The x of 1 + erf(x/√2). */
function innerOfErf(view: View, name: string): string | null {
  const erf = view.maker(view.beside(view.maker(name, 'Add'), 1) ?? undefined, 'Erf');
  const scaled = view.maker(erf?.inputs[0], 'Div');
  return scaled !== null && view.isNumber(scaled.inputs[1], Math.SQRT2) ? scaled.inputs[0]! : null;
}

/** ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
const geluByTanh: Pattern = (view, node) => {
  if (node.type !== 'Mul') return null;
  for (const half of node.inputs) {
    const x = view.beside(view.maker(half, 'Mul'), 0.5);
    const rest = node.inputs[half === node.inputs[0] ? 1 : 0];
    const tanh = view.maker(view.beside(view.maker(rest, 'Add'), 1) ?? undefined, 'Tanh');
    const sum = view.maker(view.beside(view.maker(tanh?.inputs[0], 'Mul'), Math.sqrt(2 / Math.PI)) ?? undefined, 'Add');
    if (x === null || sum === null) continue;
    const cube = view.maker(
      view.beside(view.maker(view.other(sum, (name) => name === x) ?? undefined, 'Mul'), 0.044715) ?? undefined,
      'Mul',
    );
    const square = view.maker(view.other(cube, (name) => name === x) ?? undefined, 'Mul');
    if (square?.inputs.every((name) => name === x) === true) return gelu(x, 'tanh');
  }
  return null;
};

/** Groups as the channels of an InstanceNormalization, and a scale and shift of each channel. */
const groupNorm: Pattern = (view, node) => {
  if (node.type !== 'Add') return null;
  const scaled = view.maker(node.inputs[0], 'Mul');
  const normal = view.maker(view.maker(scaled?.inputs[0], 'Reshape')?.inputs[0], 'InstanceNormalization');
  const flat = view.maker(normal?.inputs[0], 'Reshape');
  if (scaled === null || normal === null || flat === null) return null;
  const groups = view.constant(normal.inputs[1])?.numbers.length;
  const plain = view.isFilled(normal.inputs[1], 1) && view.isFilled(normal.inputs[2], 0);
  const [weight, bias] = [scaled.inputs[1]!, node.inputs[1]!].map((name) => byChannel(view, name));
  if (!plain || groups === undefined || weight == null || bias == null) return null;
  const eps = normal.attributes.get('epsilon')?.f ?? 1e-5;
  return {
    type: 'lanewise.GroupNormalization',
    inputs: [flat.inputs[0]!, weight, bias],
    attributes: named(int('num_groups', groups), float('epsilon', eps)),
  };
};

/** The list of numbers that was brought into the shape [C, 1, …]. */
function byChannel(view: View, name: string): string | null {
  const shaped = view.maker(name, 'Reshape');
  if (shaped === null) return isList(view, name) ? name : null;
  return isList(view, shaped.inputs[0]!) ? shaped.inputs[0]! : null;
}

const isList = (view: View, name: string): boolean =>
  (view.graph.initializers.get(name) ?? view.constant(name))?.shape.length === 1;

const PATTERNS: readonly Pattern[] = [geluByErf, geluByTanh, groupNorm];
