/** If and Loop: nodes that run graphs of their own, which see the values around them. */
import { trace } from '../autograd/trace.js';
import * as ops from '../ops/index.js';
import { UnsupportedError } from '../runtime/errors.js';
import { BOOL, INT64 } from './elements.js';
import type { Body, GraphNode } from './graph.js';
import { wrong } from './tensors.js';
import { Value } from './values.js';

type Values = ReadonlyMap<string, Value>;
/** Runs nodes, which add what they make to the values. */
type Run = (values: Map<string, Value>, nodes: readonly GraphNode[]) => void;

/** More turns than this are taken for a loop without an end. */
const MOST_TURNS = 2 ** 16;

/** The types of what a body is given: of its inputs, by those of the node. */
export function bodyInputTypes(node: GraphNode, types: ReadonlyMap<string, number>): (number | undefined)[] {
  if (node.type === 'If') return [];
  return [INT64, BOOL, ...node.inputs.slice(2).map((name) => types.get(name))];
}

/** The values in a body that become the outputs of the node. */
export function bodyResults({ type }: GraphNode, { outputs }: Body): readonly string[] {
  return type === 'Loop' ? outputs.slice(1) : outputs;
}

/** The outputs of an If or a Loop. */
export function runControl(node: GraphNode, values: Values, run: Run): readonly Value[] {
  return node.type === 'If' ? runIf(node, values, run) : runLoop(node, values, run);
}

function runBody(body: Body, given: readonly Value[], values: Values, run: Run): Value[] {
  const own = new Map(values);
  body.inputs.forEach((name, i) => {
    own.set(name, given[i]!);
  });
  run(own, body.nodes);
  return body.outputs.map((name) => own.get(name)!);
}

function runIf({ title, inputs, bodies }: GraphNode, values: Values, run: Run): Value[] {
  const condition = values.get(inputs[0]!)!;
  checkKnown(title, condition);
  if (condition.size !== 1) throw wrong(`the condition of ${title} has ${condition.size} elements`);
  return runBody(bodies!.get(condition.number === 0 ? 'else_branch' : 'then_branch')!, [], values, run);
}

function runLoop({ title, inputs, bodies }: GraphNode, values: Values, run: Run): Value[] {
  const body = bodies!.get('body')!;
  const count = body.inputs.length - 2;
  for (const name of inputs.slice(0, 2)) if (name !== '') checkKnown(title, values.get(name)!);
  const turns = inputs[0] === '' ? Infinity : values.get(inputs[0]!)!.number;
  let goesOn = inputs[1] === '' || values.get(inputs[1]!)!.number !== 0;
  let carried = inputs.slice(2, 2 + count).map((name) => values.get(name)!);
  const scanned: Value[][] = body.outputs.slice(1 + count).map(() => []);
  for (let turn = 0; turn < turns && goesOn; turn++) {
    if (turn >= MOST_TURNS)
      throw new UnsupportedError(`${title} has not ended after ${MOST_TURNS} turns`, { where: 'importOnnx' });
    const given = [Value.numbers(INT64, [], [turn]), Value.numbers(BOOL, [], [Number(goesOn)]), ...carried];
    const [condition, ...results] = runBody(body, given, values, run);
    checkKnown(title, condition!);
    goesOn = condition!.number !== 0;
    carried = results.slice(0, count);
    results.slice(count).forEach((value, i) => {
      scanned[i]!.push(value);
    });
  }
  return [...carried, ...scanned.map((each) => stacked(title, each))];
}

/** What depends on the elements of tensors is other each time: a recording of one run would not say so. */
function checkKnown(title: string, condition: Value): void {
  if (trace.listener !== null && !condition.isKnown)
    throw new UnsupportedError(`what ${title} does depends on the values of the inputs`, { where: 'exportOnnx' });
}

/** What the turns gave, one after the other along a new first axis. */
function stacked(title: string, each: readonly Value[]): Value {
  const [first] = each;
  if (first === undefined)
    throw new UnsupportedError(`${title} has no turns, and what they would give has no shape`, { where: 'importOnnx' });
  if (each.every((value) => value.isKnown && value.shape.length === 0))
    return Value.numbers(
      first.type,
      [each.length],
      each.map((value) => value.number),
    );
  return Value.of(ops.stack(each.map((value) => value.tensor)), first.type);
}
