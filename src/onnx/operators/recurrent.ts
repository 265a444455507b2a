/** LSTM, GRU and RNN: step by step. */
import * as ops from '../../ops/index.js';
import { zeros } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Value } from '../values.js';
import type { Attributes, Call, Operator, Operators } from './call.js';

/** The state between two steps. */
interface State {
  readonly h: Tensor;
  readonly c: Tensor | null;
}

/** The weights of one direction. */
interface Weights {
  /** [gates·H, H] */
  readonly recurrent: Tensor;
  /** [gates·H], or null. */
  readonly bias: Tensor | null;
  /** [3·H], or null. */
  readonly peepholes: Tensor | null;
  readonly size: number;
}

/** One step, given what the input gives to the gates: [N, gates·H]. */
type Cell = (gates: Tensor, state: State, weights: Weights, call: Call, direction: number) => State;

const part = (x: Tensor, i: number, size: number): Tensor => ops.slice(x, i * size, (i + 1) * size, { axis: -1 });

const lstm: Cell = (gates, { h, c }, { recurrent, bias, peepholes, size }) => {
  const all = ops.add(gates, ops.linear(h, recurrent, bias));
  const gate = (i: number) => part(all, i, size);
  const peep = (x: Tensor, i: number, cell: Tensor) =>
    peepholes === null ? x : ops.add(x, ops.mul(part(peepholes, i, size), cell));
  const input = ops.sigmoid(peep(gate(0), 0, c!));
  const forget = ops.sigmoid(peep(gate(2), 2, c!));
  const cell = ops.add(ops.mul(forget, c!), ops.mul(input, ops.tanh(gate(3))));
  const output = ops.sigmoid(peep(gate(1), 1, cell));
  return { h: ops.mul(output, ops.tanh(cell)), c: cell };
};

const gru: Cell = (gates, { h }, { recurrent, bias, size }, call) => {
  const rows = (i: number, count: number) => ops.slice(recurrent, i * size, (i + count) * size);
  const offsets = (i: number, count: number) => (bias === null ? null : ops.slice(bias, i * size, (i + count) * size));
  const fromInput = (i: number) => part(gates, i, size);
  const both = ops.linear(h, rows(0, 2), offsets(0, 2));
  const update = ops.sigmoid(ops.add(fromInput(0), part(both, 0, size)));
  const reset = ops.sigmoid(ops.add(fromInput(1), part(both, 1, size)));
  const before = call.flag('linear_before_reset')
    ? ops.mul(reset, ops.linear(h, rows(2, 1), offsets(2, 1)))
    : ops.linear(ops.mul(reset, h), rows(2, 1), offsets(2, 1));
  const candidate = ops.tanh(ops.add(fromInput(2), before));
  return { h: ops.add(ops.mul(ops.sub(1, update), candidate), ops.mul(update, h)), c: null };
};

const rnn: Cell = (gates, { h }, { recurrent, bias }, call, direction) => {
  const sum = ops.add(gates, ops.linear(h, recurrent, bias));
  return { h: activations(call)[direction] === 'Relu' ? ops.relu(sum) : ops.tanh(sum), c: null };
};

function activations(attributes: Attributes): string[] {
  const given = attributes.node.attributes.get('activations')?.strings ?? [];
  return given.map((bytes) => new TextDecoder().decode(bytes));
}

/** How long each sequence is, as [N,1]; null where all are as long as the input. */
function lengthsOf(call: Call, steps: number): Tensor | null {
  const given = call.optional(4);
  if (given === undefined || (given.isKnown && given.list.every((length) => length >= steps))) return null;
  return ops.unsqueeze(given.tensor, 1);
}

/** The state after a step: the one before it where a sequence has ended. */
function kept(isInside: Tensor, next: State, before: State): State {
  const choose = (a: Tensor, b: Tensor) => ops.where(isInside, a, b);
  return { h: choose(next.h, before.h), c: next.c === null ? null : choose(next.c, before.c!) };
}

/** Runs both directions, or one. */
function recurrent(cell: Cell, gateCount: number, call: Call): Value[] {
  const { type } = call.x;
  const batchFirst = call.flag('layout');
  const x = batchFirst ? ops.permute(call.x.tensor, [1, 0, 2]) : call.x.tensor;
  const [steps, batch] = x.shape as [number, number, number];
  const [w, r] = [call.input(1).tensor, call.input(2).tensor];
  const size = r.shape.at(-1)!;
  const direction = call.text('direction', 'forward');
  const initial = (position: number, d: number): Tensor => {
    const given = call.optional(position)?.tensor;
    return given === undefined ? zeros([batch, size]) : ops.select(given, batchFirst ? 1 : 0, d);
  };
  const lengths = lengthsOf(call, steps);
  const runs = (direction === 'bidirectional' ? ['forward', 'reverse'] : [direction]).map((way, d) => {
    const bias = call.optional(3)?.tensor;
    const biases = bias === undefined ? null : ops.select(bias, 0, d);
    const half = gateCount * size;
    const peepholes = call.optional(7)?.tensor;
    const weights: Weights = {
      recurrent: ops.select(r, 0, d),
      bias: biases === null ? null : ops.slice(biases, half, 2 * half),
      peepholes: peepholes === undefined ? null : ops.select(peepholes, 0, d),
      size,
    };
    const gates = ops.linear(x, ops.select(w, 0, d), biases === null ? null : ops.slice(biases, 0, half));
    let state: State = { h: initial(5, d), c: cell === lstm ? initial(6, d) : null };
    const outputs: Tensor[] = [];
    for (let i = 0; i < steps; i++) {
      const t = way === 'reverse' ? steps - 1 - i : i;
      const next = cell(ops.select(gates, 0, t), state, weights, call, d);
      const isInside = lengths === null ? null : ops.gt(lengths, t);
      // After its end a sequence keeps its state, and gives zeros; backwards it begins at its end.
      state = isInside === null ? next : kept(isInside, next, state);
      outputs[t] = isInside === null ? next.h : ops.where(isInside, next.h, 0);
    }
    return { outputs: ops.stack(outputs), state };
  });
  const axis = batchFirst ? 1 : 0;
  const every = ops.stack(
    runs.map(({ outputs }) => outputs),
    1,
  );
  const results = [batchFirst ? ops.permute(every, [2, 0, 1, 3]) : every];
  results.push(
    ops.stack(
      runs.map(({ state }) => state.h),
      axis,
    ),
  );
  if (cell === lstm) {
    results.push(
      ops.stack(
        runs.map(({ state }) => state.c!),
        axis,
      ),
    );
  }
  return results.map((result) => Value.of(result, type));
}

/** @param usual the activations that it has where none are named */
function operator(cell: Cell, gates: number, usual: readonly string[], also: readonly string[] = []): Operator {
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
    run: (call) => recurrent(cell, gates, call),
  };
}

export const recurrentOperators: Operators = {
  LSTM: operator(lstm, 4, ['Sigmoid', 'Tanh', 'Tanh']),
  GRU: operator(gru, 3, ['Sigmoid', 'Tanh']),
  RNN: operator(rnn, 1, ['Tanh'], ['Relu']),
};
