import { recordOp } from '../../autograd/tape.js';
import { offset } from '../../runtime/address.js';
import { copyBytes } from '../../runtime/memory.js';
import { type RecordAddress, withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { withMemory, withScratch } from '../../runtime/scratch.js';
import { empty } from '../../tensor/create.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { gemm } from '../gemm/gemm.js';

/** In the order of the numbers by which kernels know them. */
const CELLS = ['tanh', 'relu', 'lstm', 'gru'] as const;

/** What a step computes. */
export type CellKind = (typeof CELLS)[number];

/** Of one layer in one direction: [weightIh, weightHh], or [weightIh, weightHh, biasIh, biasHh]. */
export type RecurrentWeights = readonly [Tensor, Tensor, Tensor?, Tensor?];

/** Which way, and how far. */
export interface DirectionOptions {
  /** From the last step of each sequence to its first. */
  readonly reverse?: boolean;
  /** The number of steps of each sequence, int32 [N]; null: all are as long as the input. */
  readonly lengths?: Tensor | null;
}

/**
 * A recurrent layer in one direction, over all steps. Its operands are checked by the layers that call it.
 *
 * a = x[t]·weightIhᵀ + biasIh + h·weightHhᵀ + biasHh, in gates of H columns
 *
 * - tanh, relu: h = tanh a, max(0, a)
 * - lstm: i, f, g, o of a;  c = σ(f)·c + σ(i)·tanh g,  h = σ(o)·tanh c
 * - gru: r, z of a, n = tanh(the third of x[t]·weightIhᵀ + biasIh, plus σ(r)·that of h·weightHhᵀ + biasHh);
 *   h = (1 − σ(z))·n + σ(z)·h
 *
 * Shapes:   x [T,N,I] · initial [S,N,H], zeros where null · weightIh [G·H,I] · weightHh [G·H,H] · biases [G·H]
 *           → [T+S,N,H]: h of each step, zeros behind the end of a sequence; then the last h, and c of an LSTM (S = 2)
 * Backward: saves the gates [T,N,G·H] and the states; one product over all steps for each weight
 * Cost:     2·G·H·(I + H) FLOP a step of a sequence
 * @see torch.nn.RNN, LSTM, GRU; Hochreiter and Schmidhuber 1997; Cho et al., arXiv 1406.1078
 * @internal
 */
export function recurrent(
  kind: CellKind,
  x: Tensor,
  initial: Tensor | null,
  weights: RecurrentWeights,
  { reverse = false, lengths = null }: DirectionOptions = {},
): Tensor {
  const name = kind === 'tanh' || kind === 'relu' ? 'rnn' : kind;
  requireFloat(name, { x, state: initial });
  const [weightIh, weightHh, biasIh, biasHh] = weights;
  const [steps, batch, features] = x.shape as [number, number, number];
  const [width, hidden] = weightHh.shape as [number, number];
  const parts = kind === 'lstm' ? 2 : 1;
  // A GRU multiplies the third part of h·weightHhᵀ + biasHh before it adds it.
  const added = kind === 'gru' ? 2 * hidden : width;
  const rows = steps * batch;
  const stepBytes = 4 * batch * hidden;
  const run = <R>(use: (shape: RecordAddress<'RecurrentShape'>) => R): R =>
    withRecord('RecurrentShape', { steps, batch, hidden, cell: CELLS.indexOf(kind), reverse: Number(reverse) }, use);

  const out = empty([steps + parts, batch, hidden]);
  const gates = empty([steps, batch, width]);
  const states = empty([kind === 'lstm' || kind === 'gru' ? 2 : 1, steps + 1, batch, hidden]);
  const first = reverse ? steps : 0;
  if (initial === null) states.view().fill(0);
  else {
    for (let i = 0; i < parts; i++)
      copyBytes(
        addressOf(states) + (i * (steps + 1) + first) * stepBytes,
        addressOf(initial) + i * stepBytes,
        stepBytes,
      );
  }
  withMemory(4 * width, (bias) => {
    if (biasIh && biasHh) {
      copyBytes(bias, addressOf(biasIh), 4 * width);
      kernels.f32_add(bias, bias, addressOf(biasHh), 0, added);
    }
    gemm(addressOf(gates), addressOf(x), addressOf(weightIh), rows, width, features, {
      transposeB: true,
      bias: biasIh ? bias : 0,
      mayBeSparse: ['a'],
    });
  });
  run((shape) =>
    withScratch(4 * kernels.f32_recurrent_scratch(shape), (scratch) =>
      kernels.f32_recurrent_forward(
        addressOf(out),
        addressOf(states),
        addressOf(gates),
        addressOf(weightHh),
        biasHh ? offset(addressOf(biasHh), 8 * hidden * Number(kind === 'gru')) : 0,
        addressOrNull(lengths),
        shape,
        scratch,
        0,
        batch,
      ),
    ),
  );

  const given = weights.filter((weight) => weight !== undefined);
  return recordOp(
    name,
    out,
    initial === null ? [x, ...given] : [x, initial, ...given],
    { kind, initial, reverse, lengths },
    (dOut) => {
      const dGates = empty(gates.shape);
      const dHidden = kind === 'gru' ? empty(gates.shape) : dGates;
      const dState = empty([parts, batch, hidden]);
      copyBytes(addressOf(dState), addressOf(dOut) + steps * stepBytes, parts * stepBytes);
      run((shape) =>
        withScratch(4 * kernels.f32_recurrent_scratch(shape), (scratch) =>
          kernels.f32_recurrent_backward(
            addressOf(dGates),
            addressOf(dHidden),
            addressOf(dState),
            addressOf(dOut),
            addressOf(states),
            addressOf(gates),
            addressOf(weightHh),
            addressOrNull(lengths),
            shape,
            scratch,
            0,
            batch,
          ),
        ),
      );
      let dx: Tensor | null = null;
      if (x.requiresGrad) {
        dx = empty(x.shape);
        gemm(addressOf(dx), addressOf(dGates), addressOf(weightIh), rows, features, width);
      }
      const before = offset(addressOf(states), Number(reverse) * stepBytes);
      const ofWeight = (weight: Tensor, d: Tensor, from = addressOf(x)): Tensor | null => {
        if (!weight.requiresGrad) return null;
        const dWeight = empty(weight.shape);
        gemm(addressOf(dWeight), addressOf(d), from, width, weight.shape[1]!, rows, { transposeA: true });
        return dWeight;
      };
      const ofBias = (bias: Tensor | undefined, d: Tensor): Tensor | null => {
        if (!bias?.requiresGrad) return null;
        const dBias = empty(bias.shape);
        kernels.f32_sum_columns(addressOf(dBias), addressOf(d), rows, width, 0, width);
        return dBias;
      };
      return [
        dx,
        ...(initial === null ? [] : [dState]),
        ofWeight(weightIh, dGates),
        ofWeight(weightHh, dHidden, before),
        ...(biasIh ? [ofBias(biasIh, dGates), ofBias(biasHh, dHidden)] : []),
      ];
    },
    [gates, states],
  );
}
