import { tensor } from '../../src/index.js';
import { type CellKind, recurrent } from '../../src/ops/recurrent/recurrent.js';
import type { Case } from '../support/case.js';
import { type Reference, reference } from '../support/reference.js';

interface Row {
  readonly kind: CellKind;
  /** Steps, sequences, features of the input, hidden ones. */
  readonly sizes: readonly [number, number, number, number];
  readonly reverse?: boolean;
  readonly lengths?: readonly number[];
  /** Neither biases nor first states. */
  readonly bare?: boolean;
}

const GATES: Record<CellKind, number> = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One sequence after the other, one number after the other. */
function twin({ kind, sizes, reverse = false, lengths, bare }: Row, inputs: readonly Reference[]): Reference {
  const [steps, batch, features, hidden] = sizes;
  const [x, ...others] = inputs.map(({ data }) => data) as [Float64Array, ...Float64Array[]];
  const [initial, wi, wh, bi, bh] = bare ? [undefined, ...others] : others;
  const parts = kind === 'lstm' ? 2 : 1;
  const out = reference([steps + parts, batch, hidden]);
  for (let n = 0; n < batch; n++) {
    const from = (part: number) =>
      Array.from({ length: hidden }, (_, j) => initial?.[(part * batch + n) * hidden + j] ?? 0);
    let [h, c] = [from(0), from(1)];
    for (let i = 0; i < steps; i++) {
      const t = reverse ? steps - 1 - i : i;
      if (lengths !== undefined && t >= lengths[n]!) continue;
      const before = h;
      const ofInput = (row: number) => {
        let sum = bi?.[row] ?? 0;
        for (let k = 0; k < features; k++) sum += wi![row * features + k]! * x[(t * batch + n) * features + k]!;
        return sum;
      };
      const ofHidden = (row: number) =>
        before.reduce((sum, value, k) => sum + wh![row * hidden + k]! * value, bh?.[row] ?? 0);
      const gate = (g: number, j: number) => ofInput(g * hidden + j) + ofHidden(g * hidden + j);
      if (kind === 'lstm')
        c = c.map((value, j) => sigmoid(gate(1, j)) * value + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
      h = before.map((value, j) => {
        if (kind === 'lstm') return sigmoid(gate(3, j)) * Math.tanh(c[j]!);
        if (kind !== 'gru') return kind === 'tanh' ? Math.tanh(gate(0, j)) : Math.max(gate(0, j), 0);
        const at = 2 * hidden + j;
        const candidate = Math.tanh(ofInput(at) + sigmoid(gate(0, j)) * ofHidden(at));
        const update = sigmoid(gate(1, j));
        return (1 - update) * candidate + update * value;
      });
      out.data.set(h, (t * batch + n) * hidden);
    }
    out.data.set(h, (steps * batch + n) * hidden);
    if (kind === 'lstm') out.data.set(c, ((steps + 1) * batch + n) * hidden);
  }
  return out;
}

function recurrentCase(row: Row): Case {
  const { kind, sizes, reverse = false, lengths, bare = false } = row;
  const [steps, batch, features, hidden] = sizes;
  const width = GATES[kind] * hidden;
  const x = { shape: [steps, batch, features] };
  const weights = [{ shape: [width, features] }, { shape: [width, hidden] }];
  const extra = [reverse ? ', reverse' : '', lengths ? `, lengths ${lengths}` : '', bare ? ', bare' : ''].join('');
  return {
    name: `recurrent ${kind} ${sizes.join('x')}${extra}`,
    inputs: bare
      ? [x, ...weights]
      : [x, { shape: [kind === 'lstm' ? 2 : 1, batch, hidden] }, ...weights, { shape: [width] }, { shape: [width] }],
    run: (input, ...others) => {
      const [initial, ...given] = bare ? [null, ...others] : others;
      const options = { reverse, lengths: lengths ? tensor([...lengths], { dtype: 'int32' }) : null };
      return recurrent(kind, input!, initial!, given as never, options);
    },
    twin: (...inputs) => twin(row, inputs),
    // What one step rounds, the next ones pass on.
    tolerance: 4e-6,
  };
}

export const recurrentCases: readonly Case[] = [
  recurrentCase({ kind: 'lstm', sizes: [3, 5, 2, 3] }),
  recurrentCase({ kind: 'lstm', sizes: [4, 3, 1, 5], reverse: true, lengths: [2, 4, 0] }),
  recurrentCase({ kind: 'lstm', sizes: [2, 1, 3, 4], bare: true }),
  recurrentCase({ kind: 'gru', sizes: [3, 5, 2, 3], reverse: true }),
  recurrentCase({ kind: 'gru', sizes: [4, 3, 1, 5], lengths: [2, 4, 1] }),
  recurrentCase({ kind: 'gru', sizes: [2, 4, 3, 2], bare: true, reverse: true, lengths: [1, 2, 2, 1] }),
  recurrentCase({ kind: 'tanh', sizes: [3, 5, 2, 9], reverse: true, lengths: [3, 1, 2, 0, 3] }),
  recurrentCase({ kind: 'relu', sizes: [2, 4, 3, 8] }),
  recurrentCase({ kind: 'lstm', sizes: [0, 2, 3, 4] }),
  recurrentCase({ kind: 'gru', sizes: [3, 0, 2, 4] }),
];
