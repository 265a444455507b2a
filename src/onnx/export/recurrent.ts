/** How recurrent layers are written: an operator for each direction of each layer. */
import type { CellKind } from '../../ops/recurrent/recurrent.js';
import { FLOAT } from '../elements.js';
import type { Named } from './builder.js';
import type { Writers, Writing } from './step.js';

/** Where each gate of ONNX is among those of lanewise. */
const ORDERS: Readonly<Record<CellKind, readonly number[]>> = {
  tanh: [0],
  relu: [0],
  lstm: [0, 3, 1, 2],
  gru: [1, 0, 2],
};

function recurrent(step: Writing, opType: string): Named {
  const { graph } = step;
  const kind = step.setting<CellKind>('kind');
  const initial = step.part('initial');
  const from = initial === null ? 1 : 2;
  const [weight] = step.inputShapes(from + 1);
  const hidden = weight.at(-1)!;
  const part = (value: Named, i: number, length: number): Named =>
    step.node('Slice', [value, graph.ints([i * length]), graph.ints([(i + 1) * length]), graph.ints([0])]);
  const order = ORDERS[kind];
  /** The gates in the order of the operator. */
  const ordered = (position: number): Named => {
    const value = step.float(step.input(from + position));
    if (order.length === 1) return value;
    return step.node(
      'Concat',
      order.map((gate) => part(value, gate, hidden)),
      { axis: 0 },
    );
  };
  const alone = (value: Named): Named => step.node('Unsqueeze', [value, graph.ints([0])]);
  const hasBias = step.both.a.inputs.length > from + 2;
  const bias = hasBias ? alone(step.node('Concat', [ordered(2), ordered(3)], { axis: 0 })) : null;
  const lengths = step.part('lengths');
  const isLstm = kind === 'lstm';
  const states = (isLstm ? [0, 1] : [0]).map((i) => {
    if (initial === null) return null;
    return isLstm ? part(step.float(initial), i, 1) : step.float(initial);
  });
  const y = graph.node(
    opType,
    [step.x, alone(ordered(0)), alone(ordered(1)), bias, lengths && graph.as(lengths, 'int32'), ...states],
    {
      hidden_size: hidden,
      direction: step.setting<boolean>('reverse') ? 'reverse' : 'forward',
      ...(kind === 'gru' && { linear_before_reset: 1 }),
      ...(kind === 'relu' && { activations: { strings: ['Relu'] } }),
    },
    FLOAT,
    1 + states.length,
  );
  const last = states.map((_, i) => ({ name: `${y.name}:${i + 1}`, type: FLOAT }));
  return step.node('Concat', [step.node('Squeeze', [y, graph.ints([1])]), ...last], { axis: 0 });
}

export const recurrentLayers: Writers = {
  rnn: (step) => recurrent(step, 'RNN'),
  lstm: (step) => recurrent(step, 'LSTM'),
  gru: (step) => recurrent(step, 'GRU'),
};
