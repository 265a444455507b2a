/** LSTM, GRU and RNN: by the operation of the layers, or step by step where a cell is another than theirs. */
import * as ops from '../../ops/index.js';
import { type CellKind, recurrent } from '../../ops/recurrent/recurrent.js';
import { zeros } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Value } from '../values.js';
import type { Attributes, Call, Operator, Operators } from './call.js';

/** The state between two steps. */
interface State {
  readonly h: Tensor;
  readonly c: Tensor | null;
}

/** What a direction is given. */
interface Direction {
  /** [T, N, I] */
  readonly x: Tensor;
  readonly state: State | null;
  /** [gates·H, I] */
  readonly input: Tensor;
  /** [gates·H, H] */
  readonly hidden: Tensor;
  /** [2·gates·H], or null. */
  readonly bias: Tensor | null;
  /** [3·H], or null. */
  readonly peepholes: Tensor | null;
  readonly isReverse: boolean;
  /** [N], or null where all are as long as x. */
  readonly lengths: Tensor | null;
}

interface Result {
  /** [T, N, H] */
  readonly output: Tensor;
  readonly state: State;
}

/** One step, given what the input gives to the gates: [N, gates·H]. */
type Cell = (gates: Tensor, state: State, direction: Direction) => State;

/** Positions i to i + count of the gates, along the axis on which they lie. */
const gatesOf = (x: Tensor, i: number, size: number, { axis = 0, count = 1 } = {}): Tensor =>
  ops.slice(x, i * size, (i + count) * size, { axis });

const halfOf = (bias: Tensor | null, i: number): Tensor | null => bias && gatesOf(bias, i, bias.size / 2);

/** The LSTM whose gates see the cell. */
const peephole: Cell = (gates, { h, c }, { hidden, bias, peepholes }) => {
  const size = hidden.shape[1]!;
  const all = ops.add(gates, ops.linear(h, hidden, halfOf(bias, 1)));
  const gate = (i: number) => gatesOf(all, i, size, { axis: -1 });
  const peep = (i: number, at: number, cell: Tensor) => ops.add(gate(i), ops.mul(gatesOf(peepholes!, at, size), cell));
  const input = ops.sigmoid(peep(0, 0, c!));
  const forget = ops.sigmoid(peep(2, 2, c!));
  const cell = ops.add(ops.mul(forget, c!), ops.mul(input, ops.tanh(gate(3))));
  return { h: ops.mul(ops.sigmoid(peep(1, 1, cell)), ops.tanh(cell)), c: cell };
};

/** The GRU that resets the state before it multiplies it. */
const resetFirst: Cell = (gates, { h }, { hidden, bias }) => {
  const size = hidden.shape[1]!;
  const own = halfOf(bias, 1);
  const product = (x: Tensor, i: number, count: number) =>
    ops.linear(x, gatesOf(hidden, i, size, { count }), own && gatesOf(own, i, size, { count }));
  const fromInput = (i: number) => gatesOf(gates, i, size, { axis: -1 });
  const both = product(h, 0, 2);
  const update = ops.sigmoid(ops.add(fromInput(0), gatesOf(both, 0, size, { axis: -1 })));
  const reset = ops.sigmoid(ops.add(fromInput(1), gatesOf(both, 1, size, { axis: -1 })));
  const candidate = ops.tanh(ops.add(fromInput(2), product(ops.mul(reset, h), 2, 1)));
  return { h: ops.add(ops.mul(ops.sub(1, update), candidate), ops.mul(update, h)), c: null };
};

/** The state after a step: the one before it where a sequence has ended. */
function kept(isInside: Tensor, next: State, before: State): State {
  const choose = (a: Tensor, b: Tensor) => ops.where(isInside, a, b);
  return { h: choose(next.h, before.h), c: next.c === null ? null : choose(next.c, before.c!) };
}

function stepByStep(cell: Cell, direction: Direction): Result {
  const { x, input, hidden, bias, isReverse } = direction;
  const [steps, batch] = x.shape as [number, number];
  const size = hidden.shape[1]!;
  const gates = ops.linear(x, input, halfOf(bias, 0));
  const lengths = direction.lengths && ops.unsqueeze(direction.lengths, 1);
  let state: State = direction.state ?? { h: zeros([batch, size]), c: zeros([batch, size]) };
  const outputs: Tensor[] = [];
  for (let i = 0; i < steps; i++) {
    const t = isReverse ? steps - 1 - i : i;
    const next = cell(ops.select(gates, 0, t), state, direction);
    const isInside = lengths && ops.gt(lengths, t);
    // After its end a sequence keeps its state, and gives zeros; backwards it begins at its end.
    state = isInside === null ? next : kept(isInside, next, state);
    outputs[t] = isInside === null ? next.h : ops.where(isInside, next.h, 0);
  }
  return { output: ops.stack(outputs), state };
}

/** Where each gate of the layers is among those of ONNX. */
const ORDERS: Readonly<Record<CellKind, readonly number[]>> = {
  tanh: [0],
  relu: [0],
  lstm: [0, 2, 3, 1],
  gru: [1, 0, 2],
};

function allSteps(kind: CellKind, direction: Direction): Result {
  const { x, state, input, hidden, bias, isReverse, lengths } = direction;
  const order = ORDERS[kind];
  const ordered = (gates: Tensor): Tensor =>
    order.length === 1 ? gates : ops.concat(order.map((gate) => gatesOf(gates, gate, hidden.shape[1]!)));
  const biases: [] | [Tensor, Tensor] = bias === null ? [] : [ordered(halfOf(bias, 0)!), ordered(halfOf(bias, 1)!)];
  const initial = state && ops.stack(state.c === null ? [state.h] : [state.h, state.c]);
  const out = recurrent(kind, x, initial, [ordered(input), ordered(hidden), ...biases], {
    reverse: isReverse,
    lengths,
  });
  const steps = x.shape[0]!;
  const last = (i: number) => ops.select(out, 0, steps + i);
  return { output: ops.slice(out, 0, steps), state: { h: last(0), c: kind === 'lstm' ? last(1) : null } };
}

function activations(attributes: Attributes): string[] {
  const given = attributes.node.attributes.get('activations')?.strings ?? [];
  return given.map((bytes) => new TextDecoder().decode(bytes));
}

/** The lengths as [N]; null where all are as long as the input. */
function lengthsOf(call: Call, steps: number): Tensor | null {
  const given = call.optional(4);
  if (given === undefined || (given.isKnown && given.list.every((length) => length >= steps))) return null;
  return ops.cast(given.tensor, 'int32');
}

/** Runs both directions, or one. */
function run(kind: CellKind, call: Call): Value[] {
  const { type } = call.x;
  const batchFirst = call.flag('layout');
  const x = batchFirst ? ops.permute(call.x.tensor, [1, 0, 2]) : call.x.tensor;
  const [steps, batch] = x.shape as [number, number, number];
  const way = call.text('direction', 'forward');
  const isLstm = kind === 'lstm';
  const lengths = lengthsOf(call, steps);
  const runs = (way === 'bidirectional' ? ['forward', 'reverse'] : [way]).map((each, d) => {
    const of = (position: number): Tensor | null => {
      const given = call.optional(position)?.tensor;
      return given === undefined ? null : ops.select(given, 0, d);
    };
    const stateOf = (position: number): Tensor | null => {
      const given = call.optional(position)?.tensor;
      return given === undefined ? null : ops.select(given, batchFirst ? 1 : 0, d);
    };
    const hidden = of(2)!;
    const [h, c] = [stateOf(5), isLstm ? stateOf(6) : null];
    const none = () => zeros([batch, hidden.shape[1]!]);
    const direction: Direction = {
      x,
      state: h === null && c === null ? null : { h: h ?? none(), c: isLstm ? (c ?? none()) : null },
      input: of(1)!,
      hidden,
      bias: of(3),
      peepholes: isLstm ? of(7) : null,
      isReverse: each === 'reverse',
      lengths,
    };
    if (direction.peepholes !== null) return stepByStep(peephole, direction);
    if (kind === 'gru' && !call.flag('linear_before_reset')) return stepByStep(resetFirst, direction);
    return allSteps(kind === 'tanh' && activations(call)[d] === 'Relu' ? 'relu' : kind, direction);
  });
  const axis = batchFirst ? 1 : 0;
  const stacked = (at: number, of: (result: Result) => Tensor) => ops.stack(runs.map(of), at);
  const every = stacked(1, ({ output }) => output);
  const results = [batchFirst ? ops.permute(every, [2, 0, 1, 3]) : every, stacked(axis, ({ state }) => state.h)];
  if (isLstm) results.push(stacked(axis, ({ state }) => state.c!));
  return results.map((result) => Value.of(result, type));
}

/** @param usual the activations that it has where none are named */
function operator(kind: CellKind, usual: readonly string[], also: readonly string[] = []): Operator {
  return {
    takes: ['float', 'float', 'float', 'float', 'any', 'float'],
    refuse: (attributes) => {
      if (attributes.has('clip')) return 'it clips its gates';
      if (attributes.flag('input_forget')) return 'its gates for input and forgetting are one';
      const named = activations(attributes);
      const wrong = named.find((name, i) => name !== usual[i % usual.length] && !also.includes(name));
      return wrong === undefined ? undefined : `its activation is ${wrong}`;
    },
    gives: (_, types) => types[0],
    run: (call) => run(kind, call),
  };
}

export const recurrentOperators: Operators = {
  LSTM: operator('lstm', ['Sigmoid', 'Tanh', 'Tanh']),
  GRU: operator('gru', ['Sigmoid', 'Tanh']),
  RNN: operator('tanh', ['Tanh'], ['Relu']),
};
