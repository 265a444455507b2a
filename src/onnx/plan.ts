/** What is known of a graph before it runs: the types of its values, and that all of its operators are supported. */
import { UnsupportedError } from '../runtime/errors.js';
import { bodyInputTypes, bodyResults } from './control.js';
import { accepts, isFloat, storageOf, typeName } from './elements.js';
import type { Graph, GraphNode } from './graph.js';
import { Attributes, type Operator } from './operators/call.js';
import { OPERATORS } from './operators/index.js';
import { wrong } from './tensors.js';

/** How a graph is run. */
export interface Plan {
  /** Whether constants are rounded to what float32 holds. */
  readonly lossy: boolean;
  /** Element types of the values. */
  readonly types: ReadonlyMap<string, number>;
  /** What becomes of the initializers; those that are missing are numbers that never change. */
  readonly members: ReadonlyMap<string, 'parameter' | 'buffer'>;
  /** The nodes that depend on no input, parameter or buffer: they run once. */
  readonly constant: readonly GraphNode[];
  /** The nodes that run each time. */
  readonly nodes: readonly GraphNode[];
}

/** The note of `exportOnnx`: the initializers that are buffers, as JSON. */
export const BUFFERS = 'lanewise.buffers';

/** Operators that compute on integers of 8 bits with a scale: quantised models. */
const QUANTISED = /Quantize|Integer|^QLinear/;

/**
 * @throws {UnsupportedError} that lists all nodes that cannot run
 * @throws {FileFormatError} when a node lacks what its operator needs
 */
export function planOf(graph: Graph, lossy: boolean): Plan {
  const types = new Map<string, number>();
  for (const [name, { type }] of graph.initializers) types.set(name, type);
  for (const { name, type } of graph.inputs) {
    if (type === undefined) throw wrong(`the input ${JSON.stringify(name)} has no element type`);
    if (storageOf(type) === undefined)
      throw new UnsupportedError(
        `the input ${JSON.stringify(name)} is ${typeName(type)}, which lanewise does not hold`,
        {
          where: 'importOnnx',
        },
      );
    types.set(name, type);
  }
  const wanted = needed(graph);
  const problems = wanted.flatMap((node) => problemsOf(node, graph.opset, types, lossy));
  if (problems.length > 0) throw refusal(graph, problems);
  const members = membersOf(graph, wanted);
  const fixed = new Set([...graph.initializers.keys()].filter((name) => !members.has(name)));
  const constant: GraphNode[] = [];
  const nodes: GraphNode[] = [];
  for (const node of wanted) {
    const isFixed = FOLDED.has(node.type) && node.inputs.every((name) => name === '' || fixed.has(name));
    (isFixed ? constant : nodes).push(node);
    if (isFixed) for (const name of node.outputs) fixed.add(name);
  }
  return { lossy, types, members, constant, nodes };
}

/** Operators of the arithmetic on shapes; with numbers they give numbers: nothing is held that a scope frees. */
const FOLDED = new Set(
  (
    'Constant Identity Shape Size Cast Concat Gather Slice Squeeze Unsqueeze Add Sub Mul Div Mod Neg Abs Min Max ' +
    'Floor Ceil Round Equal Less Greater LessOrEqual GreaterOrEqual And Or Not Where Range ConstantOfShape'
  ).split(' '),
);

type Problem = readonly [title: string, problem: string];

/** Why a node, or those within it, cannot run; notes the types of its outputs. */
function problemsOf(node: GraphNode, opset: number, types: Map<string, number>, lossy: boolean): Problem[] {
  if (node.bodies === undefined) {
    const problem = problemOf(node, opset, types, lossy);
    return problem === undefined ? [] : [[node.title, problem]];
  }
  const note = (name: string, type: number | undefined) => {
    if (type !== undefined) types.set(name, type);
  };
  return [...node.bodies.values()].flatMap((body) => {
    const given = bodyInputTypes(node, types);
    body.inputs.forEach((name, i) => {
      note(name, given[i]);
    });
    const problems = body.nodes.flatMap((each) => problemsOf(each, opset, types, lossy));
    const results = bodyResults(node, body);
    node.outputs.forEach((name, i) => {
      note(name, types.get(results[i] ?? ''));
    });
    return problems;
  });
}

/** Why a node cannot run; notes the types of its outputs. */
function problemOf(node: GraphNode, opset: number, types: Map<string, number>, lossy: boolean): string | undefined {
  const operator = Object.hasOwn(OPERATORS, node.type) ? OPERATORS[node.type] : undefined;
  if (operator === undefined)
    return QUANTISED.test(node.type) ? 'quantised models are not supported' : 'unknown operator';
  const { since = 0, until = Infinity } = operator;
  if (opset < since) return `the operator exists from operator set ${since} on`;
  if (opset >= until) return `its definition of operator set ${until} is not known`;
  const attributes = new Attributes(node, opset, lossy);
  const given = node.inputs.map((name) => types.get(name));
  for (let i = 0; i < given.length; i++) {
    const type = given[i];
    const kind = operator.takes[Math.min(i, operator.takes.length - 1)];
    if (type !== undefined && kind !== undefined && !accepts(kind, type)) return `it works on ${typeName(type)}`;
  }
  const refused = operator.refuse?.(attributes);
  if (refused !== undefined) return refused;
  node.outputs.forEach((name, output) => {
    const type = giving(operator, attributes, given, output);
    if (name !== '' && type !== undefined) types.set(name, type);
  });
  return undefined;
}

function giving(
  operator: Operator,
  attributes: Attributes,
  given: readonly (number | undefined)[],
  output: number,
): number | undefined {
  return operator.gives === undefined ? given[0] : operator.gives(attributes, given, output);
}

/** Nodes named in a message; the rest is counted. */
const SHOWN = 20;

function refusal(graph: Graph, problems: readonly Problem[]): UnsupportedError {
  const lines = problems.slice(0, SHOWN).map(([title, problem]) => `  ${title}: ${problem}`);
  if (problems.length > SHOWN) lines.push(`  and ${problems.length - SHOWN} more`);
  const count = `${problems.length} of its ${graph.nodes.length} nodes cannot run`;
  return new UnsupportedError(`${count} (operator set ${graph.opset})\n${lines.join('\n')}`, {
    where: 'importOnnx',
    hint: 'docs/onnx.md lists the operators that are supported',
  });
}

/** Floats are learned, unless they are statistics, or numbers to an operator. */
function membersOf({ initializers, notes }: Graph, nodes: readonly GraphNode[]): Map<string, 'parameter' | 'buffer'> {
  const fixed = new Set<string>(bufferNames(notes.get(BUFFERS)));
  for (const node of withInner(nodes))
    for (const position of OPERATORS[node.type]?.untrained ?? []) fixed.add(node.inputs[position] ?? '');
  const members = new Map<string, 'parameter' | 'buffer'>();
  for (const [name, { type, numbers }] of initializers) {
    if (isFloat(type) && !fixed.has(name)) members.set(name, 'parameter');
    // An integer that is larger than any tensor holds is the open end of a slice.
    else if (isFloat(type) || numbers.every((n) => n === (n | 0))) members.set(name, 'buffer');
  }
  return members;
}

/** The nodes, and those within them. */
function withInner(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => [
    node,
    ...withInner([...(node.bodies?.values() ?? [])].flatMap((body) => body.nodes)),
  ]);
}

function bufferNames(note: string | undefined): string[] {
  try {
    const names: unknown = JSON.parse(note ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

/** The nodes that the outputs depend on. */
function needed({ nodes, outputs }: Graph): GraphNode[] {
  const wanted = new Set(outputs.map(({ name }) => name));
  const kept: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) wanted.add(name);
  }
  return kept.reverse();
}
