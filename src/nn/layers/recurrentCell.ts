import { concat } from '../../ops/movement/concat.js';
import { reshape } from '../../ops/movement/reshape.js';
import { slice } from '../../ops/movement/slice.js';
import { type CellKind, type RecurrentWeights, recurrent } from '../../ops/recurrent/recurrent.js';
import { checkArguments } from '../../runtime/arguments.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import { shown } from '../core/shown.js';
import { checkFeatures, type LSTMState, type RNNOptions, resetRecurrent, statesOf } from './recurrent.js';

/** What a cell learns. */
export type RecurrentCellOptions = Pick<RNNOptions, 'bias'>;

/** The same, and the activation. */
export type RNNCellOptions = Pick<RNNOptions, 'bias' | 'nonlinearity'>;

/** What the three cells share. */
export abstract class RecurrentCell<State> extends Layer<[x: Tensor, state?: State | null], State> {
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;

  protected constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    gates: number,
    { bias = true }: RecurrentCellOptions,
  ) {
    super();
    const width = gates * hiddenSize;
    this.weightIh = new Parameter(empty([width, inputSize]));
    this.weightHh = new Parameter(empty([width, hiddenSize]));
    this.biasIh = bias ? new Parameter(empty([width])) : null;
    this.biasHh = bias ? new Parameter(empty([width])) : null;
    this.resetParameters();
  }

  /** What the step computes. */
  protected abstract readonly kind: CellKind;

  /** Draws the initial values anew. */
  resetParameters(): void {
    resetRecurrent(this.parameters(), this.hiddenSize);
  }

  protected compute(x: Tensor, state?: State | null): State {
    const where = this.constructor.name;
    const isLstm = this.kind === 'lstm';
    checkArguments(`${where}.forward(x, state?=${isLstm ? '[h, c]' : 'h'}|null)`, x, state);
    const { inputSize, hiddenSize } = this;
    checkFeatures(where, x, inputSize, x.rank === 1 || x.rank === 2, '[N,');
    const shape = [...x.shape.slice(0, -1), hiddenSize];
    const one = (part: Tensor, width: number) => reshape(part, [1, x.rank === 1 ? 1 : x.shape[0]!, width]);
    const states = statesOf(where, state, shape).map((part) => one(part, hiddenSize));
    const weights = [this.weightIh, this.weightHh, this.biasIh, this.biasHh].filter((weight) => weight !== null);
    const initial = states.length > 1 ? concat(states) : (states[0] ?? null);
    const out = recurrent(this.kind, one(x, inputSize), initial, weights as unknown as RecurrentWeights);
    const part = (i: number) => reshape(slice(out, i, i + 1), shape);
    return (isLstm ? [part(1), part(2)] : part(1)) as State;
  }

  protected override extraRepr(): string {
    return [this.inputSize, this.hiddenSize, ...shown('bias', this.biasIh !== null, true)].join(', ');
  }
}

/**
 * One step of an {@link RNN}.
 *
 * h = tanh(x·weightIhᵀ + biasIh + h·weightHhᵀ + biasHh), or max(0, …)
 *
 * Shapes: x [N,inputSize] · state h [N,hiddenSize], zeros where left out → as h. A single one has no axis N.
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.RNNCell
 */
export class RNNCell extends RecurrentCell<Tensor> {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    checkArguments(
      "new nn.RNNCell(inputSize=10, hiddenSize=20, { bias: true, nonlinearity: 'tanh'|'relu' })",
      inputSize,
      hiddenSize,
      options,
    );
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? 'tanh';
  }

  protected get kind(): CellKind {
    return this.nonlinearity;
  }

  protected override extraRepr(): string {
    return [super.extraRepr(), ...shown('nonlinearity', this.nonlinearity, 'tanh')].join(', ');
  }
}

/**
 * One step of an {@link LSTM}, which has the formulas.
 *
 * Shapes: x [N,inputSize] · state [h, c], both [N,hiddenSize], zeros where left out → [h, c]
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.LSTMCell
 * @example
 * const cell = new nn.LSTMCell(10, 20);
 * let state: nn.LSTMState | null = null;
 * for (let t = 0; t < 5; t++) state = cell.forward(randn([3, 10]), state);
 * state?.[0].shape;   // [3, 20]
 */
export class LSTMCell extends RecurrentCell<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    checkArguments('new nn.LSTMCell(inputSize=10, hiddenSize=20, { bias: true })', inputSize, hiddenSize, options);
    super(inputSize, hiddenSize, 4, options);
  }

  protected get kind(): CellKind {
    return 'lstm';
  }
}

/**
 * One step of a {@link GRU}, which has the formulas.
 *
 * Shapes: x [N,inputSize] · state h [N,hiddenSize], zeros where left out → as h
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.GRUCell
 */
export class GRUCell extends RecurrentCell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    checkArguments('new nn.GRUCell(inputSize=10, hiddenSize=20, { bias: true })', inputSize, hiddenSize, options);
    super(inputSize, hiddenSize, 3, options);
  }

  protected get kind(): CellKind {
    return 'gru';
  }
}
