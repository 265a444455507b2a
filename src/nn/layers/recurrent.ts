import { concat } from '../../ops/movement/concat.js';
import { permute } from '../../ops/movement/permute.js';
import { reshape } from '../../ops/movement/reshape.js';
import { slice } from '../../ops/movement/slice.js';
import { dropout } from '../../ops/norm/dropout.js';
import { type CellKind, type RecurrentWeights, recurrent } from '../../ops/recurrent/recurrent.js';
import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { empty, tensor } from '../../tensor/create.js';
import { formatShape, type Shape, sameShape } from '../../tensor/shape.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import { shown } from '../core/shown.js';
import * as init from '../init.js';

/** How many layers there are, and how they read. */
export interface RecurrentOptions {
  /** Layers, each of which reads what the one before gives. Default: 1. */
  readonly numLayers?: number;
  /** Whether biases are learned. Default: true. */
  readonly bias?: boolean;
  /** Input and output are [N,T,…] instead of [T,N,…]; states are not concerned. Default: false. */
  readonly batchFirst?: boolean;
  /** Probability of the dropout behind each layer but the last, in training. Default: 0. */
  readonly dropout?: number;
  /** Read each sequence from its end too, and give both outputs side by side. Default: false. */
  readonly bidirectional?: boolean;
}

/** The same, and the activation. */
export interface RNNOptions extends RecurrentOptions {
  /** Default: tanh. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** Of one forward pass. */
export interface SequenceOptions {
  /** The number of steps of each sequence, where they differ: numbers, or an int32 tensor [N]. Default: all. */
  readonly lengths?: readonly number[] | Tensor | null;
}

/** The state of an LSTM: h and c. */
export type LSTMState = readonly [h: Tensor, c: Tensor];

const OPTIONS = 'numLayers: 1, bias: true, batchFirst: true, dropout: 0.5, bidirectional: true';

/** What RNN, LSTM and GRU share. */
export abstract class Recurrent<State> extends Layer<
  [x: Tensor, state?: State | null, options?: SequenceOptions],
  [output: Tensor, state: State]
> {
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;

  protected constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    gates: number,
    options: RecurrentOptions,
  ) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, dropout: p = 0, bidirectional = false } = options;
    if (!(p >= 0 && p <= 1))
      throw new ArgumentError(`dropout is a probability in [0, 1], not ${p}`, { where: this.constructor.name });
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = p;
    this.bidirectional = bidirectional;
    const width = gates * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const features = layer === 0 ? inputSize : hiddenSize * this.#directions;
      const shapes = [[width, features], [width, hiddenSize], [width], [width]];
      for (let direction = 0; direction < this.#directions; direction++)
        this.#names(layer, direction).forEach((name, i) => {
          Object.assign(this, { [name]: new Parameter(empty(shapes[i]!)) });
        });
    }
    this.resetParameters();
  }

  get #directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  #names(layer: number, direction: number): string[] {
    const end = `L${layer}${direction === 0 ? '' : 'Reverse'}`;
    return ['weightIh', 'weightHh', ...(this.bias ? ['biasIh', 'biasHh'] : [])].map((name) => name + end);
  }

  /** What a step computes. */
  protected abstract readonly kind: CellKind;

  /** Draws the initial values anew. */
  resetParameters(): void {
    resetRecurrent(this.parameters(), this.hiddenSize);
  }

  protected compute(given: Tensor, state?: State | null, options: SequenceOptions = {}): [Tensor, State] {
    const where = this.constructor.name;
    const isLstm = this.kind === 'lstm';
    const example = `${where}.forward(x, state?=${isLstm ? '[h, c]' : 'h'}|null, { lengths: [5, 3]|lengths|null })`;
    checkArguments(example, given, state, options);
    const { batchFirst, hiddenSize, numLayers } = this;
    const directions = this.#directions;
    const isBatch = given.rank === 3;
    checkFeatures(where, given, this.inputSize, isBatch || given.rank === 2, batchFirst ? '[N, T,' : '[T, N,');
    let x = isBatch ? given : reshape(given, [given.shape[0]!, 1, given.shape[1]!]);
    if (isBatch && batchFirst) x = permute(x, [1, 0, 2]);
    const [steps, batch] = x.shape as [number, number, number];
    const lengths = lengthsOf(where, options.lengths, steps, batch);
    const shape = [numLayers * directions, ...(isBatch ? [batch] : []), hiddenSize];
    const states = statesOf(where, state, shape).map((part) =>
      isBatch ? part : reshape(part, [shape[0]!, 1, hiddenSize]),
    );
    const last: Tensor[][] = isLstm ? [[], []] : [[]];
    for (let layer = 0; layer < numLayers; layer++) {
      if (layer > 0) x = dropout(x, this.dropout, { training: this.training });
      const outputs = Array.from({ length: directions }, (_, direction) => {
        const at = layer * directions + direction;
        const own = states.map((part) => slice(part, at, at + 1));
        const weights = this.#names(layer, direction).map((name) => this[name as keyof this]);
        const out = recurrent(this.kind, x, joined(own), weights as unknown as RecurrentWeights, {
          reverse: direction === 1,
          lengths,
        });
        last.forEach((list, i) => list.push(slice(out, steps + i, steps + i + 1)));
        return slice(out, 0, steps);
      });
      x = joined(outputs, 2)!;
    }
    const final = last.map((list) => reshape(joined(list)!, shape));
    if (!isBatch) x = reshape(x, [steps, x.shape[2]!]);
    else if (batchFirst) x = permute(x, [1, 0, 2]);
    return [x, (isLstm ? final : final[0]) as State];
  }

  protected override extraRepr(): string {
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout: p, bidirectional } = this;
    return [
      inputSize,
      hiddenSize,
      ...shown('numLayers', numLayers, 1),
      ...shown('bias', bias, true),
      ...shown('batchFirst', batchFirst, false),
      ...shown('dropout', p, 0),
      ...shown('bidirectional', bidirectional, false),
    ].join(', ');
  }
}

/** One after another; null of none. */
function joined(tensors: readonly Tensor[], axis = 0): Tensor | null {
  return tensors.length > 1 ? concat(tensors, axis) : (tensors[0] ?? null);
}

/** As PyTorch draws them: uniform in ±1/√hiddenSize. @internal */
export function resetRecurrent(parameters: readonly Parameter[], hiddenSize: number): void {
  const bound = 1 / Math.sqrt(hiddenSize);
  for (const parameter of parameters) init.uniform(parameter, -bound, bound);
}

/** @internal */
export function checkFeatures(where: string, x: Tensor, inputSize: number, fits: boolean, axes: string): void {
  if (fits && x.shape.at(-1) === inputSize) return;
  throw new ShapeError(
    `the input must have shape ${axes} ${inputSize}], or that of a single one, not ${formatShape(x.shape)}`,
    { where },
  );
}

/** The tensors of a state, none where there is none. @internal */
export function statesOf(where: string, state: unknown, shape: Shape): readonly Tensor[] {
  if (state == null) return [];
  const states = (isTensor(state) ? [state] : state) as readonly Tensor[];
  if (!isTensor(state) && states.length !== 2) throw refusal(where, 'state', '[h, c]', state);
  for (const part of states)
    if (!sameShape(part.shape, shape))
      throw new ShapeError(`the state must have shape ${formatShape(shape)}, not ${formatShape(part.shape)}`, {
        where,
      });
  return states;
}

function lengthsOf(where: string, given: SequenceOptions['lengths'], steps: number, batch: number): Tensor | null {
  if (given == null) return null;
  const lengths = isTensor(given) ? given : tensor([...given], { dtype: 'int32' });
  const fits = lengths.dtype === 'int32' && sameShape(lengths.shape, [batch]);
  if (!fits || lengths.view().some((length) => length < 0 || length > steps))
    throw new ArgumentError(
      `lengths must be whole numbers from 0 to ${steps}, one for each of the ${batch} sequences`,
      {
        where,
      },
    );
  return lengths;
}

/**
 * Layers of simple recurrent cells.
 *
 * h = tanh(x[t]·weightIhᵀ + biasIh + h·weightHhᵀ + biasHh), or max(0, …)
 *
 * Shapes: x [T,N,inputSize] · state h [numLayers·D,N,hiddenSize], zeros where left out → output [T,N,D·hiddenSize] and
 *         the last h; D is 2 where it is bidirectional, else 1. A single sequence is [T,inputSize], without the axis N.
 *         With `lengths`, the output is 0 behind the end of a sequence, and the last h is that at its end.
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.RNN, with `lengths` for pack_padded_sequence
 * @example
 * const rnn = new nn.RNN(10, 20, { numLayers: 2 });
 * const [output, h] = rnn.forward(randn([5, 3, 10]));
 * output.shape;   // [5, 3, 20]
 * h.shape;        // [2, 3, 20]
 */
export class RNN extends Recurrent<Tensor> {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    checkArguments(
      `new nn.RNN(inputSize=10, hiddenSize=20, { ${OPTIONS}, nonlinearity: 'tanh'|'relu' })`,
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
 * Layers of long short-term memory.
 *
 * i, f, g, o = x[t]·weightIhᵀ + biasIh + h·weightHhᵀ + biasHh
 * c = σ(f)·c + σ(i)·tanh(g)
 * h = σ(o)·tanh(c)
 *
 * Shapes: as {@link RNN}, weights [4·hiddenSize,…]; the state is [h, c]
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.LSTM, with `lengths` for pack_padded_sequence; Hochreiter and Schmidhuber 1997
 * @example
 * const lstm = new nn.LSTM(10, 20, { batchFirst: true, bidirectional: true });
 * const [output, [h, c]] = lstm.forward(randn([3, 5, 10]), null, { lengths: [5, 2, 4] });
 * output.shape;   // [3, 5, 40]
 * h.shape;        // [2, 3, 20]
 */
export class LSTM extends Recurrent<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkArguments(`new nn.LSTM(inputSize=10, hiddenSize=20, { ${OPTIONS} })`, inputSize, hiddenSize, options);
    super(inputSize, hiddenSize, 4, options);
  }

  protected get kind(): CellKind {
    return 'lstm';
  }
}

/**
 * Layers of gated recurrent units.
 *
 * r, z = σ of two parts of x[t]·weightIhᵀ + biasIh + h·weightHhᵀ + biasHh
 * n = tanh(the third of x[t]·weightIhᵀ + biasIh, plus r·that of h·weightHhᵀ + biasHh)
 * h = (1 − z)·n + z·h
 *
 * Shapes: as {@link RNN}, weights [3·hiddenSize,…]
 * Init:   all uniform in ±1/√hiddenSize
 * @throws {ShapeError} in `forward`, when x or the state has another shape
 * @see torch.nn.GRU, with `lengths` for pack_padded_sequence; Cho et al. 2014, arXiv 1406.1078
 * @example
 * const gru = new nn.GRU(10, 20);
 * const [output, h] = gru.forward(randn([5, 10]));   // one sequence
 * output.shape;   // [5, 20]
 * h.shape;        // [1, 20]
 */
export class GRU extends Recurrent<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkArguments(`new nn.GRU(inputSize=10, hiddenSize=20, { ${OPTIONS} })`, inputSize, hiddenSize, options);
    super(inputSize, hiddenSize, 3, options);
  }

  protected get kind(): CellKind {
    return 'gru';
  }
}
