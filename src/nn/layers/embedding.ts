import { type EmbeddingOptions, embedding } from '../../ops/movement/embedding.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import { shown } from '../core/shown.js';
import type { Features, Sizes } from '../core/sizes.js';
import * as init from '../init.js';

/**
 * A learned vector for each of a number of things, looked up by index.
 *
 * y[…,d] = weight[x[…],d]
 *
 * Shapes: x […] (int32) · weight [numEmbeddings,embeddingDim] → […,embeddingDim]
 * Init:   weight normal, mean 0, deviation 1; zeros in the row of paddingIdx, which gets no gradient and so stays zero
 * @throws {RangeIndexError} in `forward`, when an index is not in [0, numEmbeddings)
 * @see torch.nn.Embedding
 */
export class Embedding<Dim extends number = number> extends Layer<[Tensor], Tensor, Sizes<unknown, Features<Dim>>> {
  weight: Parameter;
  readonly paddingIdx: number | undefined;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: Dim,
    options: EmbeddingOptions = {},
  ) {
    super();
    checkArguments(
      'new nn.Embedding(numEmbeddings=10, embeddingDim=3, { paddingIdx: -1 })',
      numEmbeddings,
      embeddingDim,
      options,
    );
    const { paddingIdx } = options;
    if (paddingIdx !== undefined && !(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw new ArgumentError(`paddingIdx ${paddingIdx} is none of the ${numEmbeddings} rows`, { where: 'Embedding' });
    }
    this.paddingIdx = paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim]));
    this.resetParameters();
  }

  /** Draws the initial values anew. */
  resetParameters(): void {
    init.normal(this.weight);
    if (this.paddingIdx !== undefined)
      this.weight.view().fill(0, this.paddingIdx * this.embeddingDim, (this.paddingIdx + 1) * this.embeddingDim);
  }

  protected compute(x: Tensor): Tensor {
    return embedding(x, this.weight, { paddingIdx: this.paddingIdx });
  }

  protected override extraRepr(): string {
    return [this.numEmbeddings, this.embeddingDim, ...shown('paddingIdx', this.paddingIdx)].join(', ');
  }
}
