import { add } from '../../ops/elementwise/arithmetic.js';
import { checkArguments, checkTensor } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { tensor } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Features, Keeps } from '../core/sizes.js';

/** How the input lies. */
export interface PositionOptions {
  /** Inputs are [N,L,E], not [L,N,E]. Default: false, as that of the layers of attention. */
  readonly batchFirst?: boolean;
}

/**
 * Adds to each vector of a sequence sines and cosines of its position.
 *
 * y[…,l,2i] = x[…,l,2i] + sin(l·10000^(−2i/dModel)), y[…,l,2i+1] = x[…,l,2i+1] + cos(l·10000^(−2i/dModel))
 *
 * There is nothing to learn, nothing in the state dict, and no longest sequence. (Learned positions are an `Embedding`,
 * looked up by `arange(0, length, { dtype: 'int32' })`.)
 *
 * Shapes: x [L,N,dModel] (with batchFirst [N,L,dModel]; without a batch [L,dModel]) → the same
 * @throws {ShapeError} in `forward`, when x has other axes or features
 * @see Vaswani et al. 2017, arXiv 1706.03762, section 3.5
 * @example
 * const positions = new nn.SinusoidalPositions(4);
 * positions.forward(zeros([2, 4])).select(0, 0).toArray();   // [0, 1, 0, 1]
 */
export class SinusoidalPositions<D extends number = number> extends Layer<[Tensor], Tensor, Keeps<Features<D>>> {
  readonly batchFirst: boolean;

  constructor(
    readonly dModel: D,
    options: PositionOptions = {},
  ) {
    super();
    checkArguments('new nn.SinusoidalPositions(dModel=128, { batchFirst: true })', dModel, options);
    this.batchFirst = options.batchFirst ?? false;
  }

  protected compute(x: Tensor): Tensor {
    checkTensor('SinusoidalPositions', x);
    const { dModel, batchFirst } = this;
    if ((x.rank !== 2 && x.rank !== 3) || x.shape.at(-1) !== dModel)
      throw new ShapeError(
        `the input must be ${batchFirst ? '[N, L' : '[L, N'}, ${dModel}] or [L, ${dModel}], ` +
          `not ${formatShape(x.shape)}`,
        { where: 'SinusoidalPositions' },
      );
    const length = x.shape[x.rank === 3 && batchFirst ? 1 : 0]!;
    const shape = x.rank === 3 && !batchFirst ? [length, 1, dModel] : [length, dModel];
    return add(x, tensor(waves(length, dModel), { shape }));
  }

  protected override extraRepr(): string {
    return [this.dModel, ...shown('batchFirst', this.batchFirst, false)].join(', ');
  }
}

/**
 * The table [length,size]. Sums and products of doubles alone, which are the same in every engine: the angle of a
 * column by powers, its first sine and cosine by their series, those of the next positions by rotation.
 */
function waves(length: number, size: number): Float32Array {
  const table = new Float32Array(length * size);
  // 10000^(−2/size), as the 1024th power of e^(−2·ln 10000 / (1024·size)).
  let ratio = series(-18.420680743952367 / (1024 * size))[2];
  for (let i = 0; i < 10; i++) ratio *= ratio;
  let angle = 1;
  for (let column = 0; column < size; column += 2, angle *= ratio) {
    const [sine, cosine] = series(angle);
    for (let l = 0, s = 0, c = 1; l < length; l++) {
      table[l * size + column] = s;
      if (column + 1 < size) table[l * size + column + 1] = c;
      [s, c] = [s * cosine + c * sine, c * cosine - s * sine];
    }
  }
  return table;
}

/** sin x, cos x and eˣ for |x| ≤ 1, by their series. */
function series(x: number): [sine: number, cosine: number, exponential: number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let n = 0, term = 1; n < 24; term *= x / ++n) {
    sums[2] += term;
    sums[n % 2 === 0 ? 1 : 0] += n % 4 < 2 ? term : -term;
  }
  return sums;
}
