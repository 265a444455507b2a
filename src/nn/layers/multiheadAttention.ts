import { additive, attend, causalMask, joinMasks } from '../../ops/gemm/attention.js';
import { linear } from '../../ops/gemm/linear.js';
import { permute } from '../../ops/movement/permute.js';
import { reshape, unsqueeze } from '../../ops/movement/reshape.js';
import { slice } from '../../ops/movement/slice.js';
import { mean } from '../../ops/reduce/sum.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import { shown } from '../core/shown.js';
import * as init from '../init.js';
import { Linear } from './linear.js';

/** How the attention is made. */
export interface MultiheadAttentionOptions {
  /** Probability that a weight is dropped in training. Default: 0. */
  readonly dropout?: number;
  /** Whether the projections have learned biases. Default: true. */
  readonly bias?: boolean;
  /** Features of the keys. Default: embedDim. */
  readonly kdim?: number;
  /** Features of the values. Default: embedDim. */
  readonly vdim?: number;
  /** Inputs are [N,L,E], not [L,N,E]. Default: false, as in PyTorch. */
  readonly batchFirst?: boolean;
}

/** What the queries attend to. As in PyTorch, masks of this layer are set where a query must not look. */
export interface MultiheadForwardOptions {
  /** [N,S] (or [S]). uint8: 1 for keys that nothing attends to; float32: added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** [L,S] or [N·numHeads,L,S]. uint8: 1 where a query must not attend to a key; float32: added to the scores. */
  readonly attnMask?: Tensor | null;
  /** Return the weights too. Default: true. */
  readonly needWeights?: boolean;
  /** Return the mean of the weights over the heads. Default: true. */
  readonly averageAttnWeights?: boolean;
  /** Query i attends to the keys 0 … i only. Default: false. */
  readonly isCausal?: boolean;
}

const CALL =
  'new nn.MultiheadAttention(embedDim=128, numHeads=4, ' +
  '{ batchFirst: true, dropout: 0.1, bias: true, kdim: 128, vdim: 128 })';
const FORWARD_CALL =
  'MultiheadAttention.forward(query, key, value, { isCausal: true, needWeights: false, attnMask: mask|null, ' +
  'keyPaddingMask: mask|null, averageAttnWeights: true })';

/**
 * Attention with several heads, each on a projection of queries, keys and values of its own.
 *
 * y = concat(head₁, …, head_h)·Wᵒᵀ + bᵒ, headᵢ = attention(query·Wᵢqᵀ + bᵢq, key·Wᵢkᵀ + bᵢk, value·Wᵢvᵀ + bᵢv)
 *
 * Shapes: query [L,N,embedDim] · key [S,N,kdim] · value [S,N,vdim] (with batchFirst [N,L,embedDim] …; without a
 *         batch [L,embedDim] …) → [output as query, weights [N,L,S], or [N,numHeads,L,S] where they are not averaged]
 * Init:   the weights of the three projections Xavier uniform, their biases and that of the output 0
 * @throws {ShapeError} in `forward`, when the inputs or masks have other shapes
 * @see torch.nn.MultiheadAttention; Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2
 * @example
 * const attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
 * const x = ones([1, 3, 8]);
 * const [y, weights] = attention.forward(x, x, x, { isCausal: true });
 * y.shape;          // [1, 3, 8]
 * weights!.shape;   // [1, 3, 3]
 */
export class MultiheadAttention extends Layer<
  [query: Tensor, key: Tensor, value: Tensor, options?: MultiheadForwardOptions],
  [output: Tensor, weights: Tensor | null]
> {
  /** The three projections in one where keys and values have embedDim features, else null. */
  inProjWeight: Parameter | null = null;
  qProjWeight: Parameter | null = null;
  kProjWeight: Parameter | null = null;
  vProjWeight: Parameter | null = null;
  inProjBias: Parameter | null = null;
  readonly outProj: Linear;
  readonly dropout: number;
  readonly batchFirst: boolean;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    checkArguments(CALL, embedDim, numHeads, options);
    const { dropout = 0, bias = true, kdim = embedDim, vdim = embedDim, batchFirst = false } = options;
    if (embedDim % numHeads !== 0)
      throw new ArgumentError(`embedDim = ${embedDim} cannot be shared out among ${numHeads} heads`, {
        where: 'MultiheadAttention',
      });
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    const weight = (rows: number, columns: number) => new Parameter(empty([rows, columns]));
    if (kdim === embedDim && vdim === embedDim) this.inProjWeight = weight(3 * embedDim, embedDim);
    else {
      this.qProjWeight = weight(embedDim, embedDim);
      this.kProjWeight = weight(embedDim, kdim);
      this.vProjWeight = weight(embedDim, vdim);
    }
    if (bias) this.inProjBias = new Parameter(empty([3 * embedDim]));
    this.outProj = new Linear(embedDim, embedDim, { bias });
    this.resetParameters();
  }

  /** Draws the initial values anew. */
  resetParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias, outProj } = this;
    for (const weight of [inProjWeight, qProjWeight, kProjWeight, vProjWeight])
      if (weight !== null) init.xavierUniform(weight);
    outProj.resetParameters();
    for (const bias of [inProjBias, outProj.bias]) if (bias !== null) init.zeros(bias);
  }

  protected compute(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadForwardOptions = {},
  ): [output: Tensor, weights: Tensor | null] {
    checkArguments(FORWARD_CALL, query, key, value, options);
    const { needWeights = true, averageAttnWeights = true } = options;
    const { embedDim, batchFirst, training } = this;
    const single = query.rank === 2;
    const [q, k, v] = [query, key, value].map((x, part) => {
      if (x.rank !== query.rank || (x.rank !== 3 && !single))
        throw new ShapeError(
          `query, key and value must be ${batchFirst ? '[N, L, E]' : '[L, N, E]'} or [L, E], ` +
            `not ${[query, key, value].map(({ shape }) => formatShape(shape)).join(', ')}`,
          { where: 'MultiheadAttention' },
        );
      return this.#project(single ? unsqueeze(x, batchFirst ? 0 : 1) : x, part);
    }) as [Tensor, Tensor, Tensor];
    const [y, weights] = attend(q, k, v, this.#mask(q, k, options), undefined, training ? this.dropout : 0);
    const [n, , length] = y.shape as [number, number, number, number];
    const order = batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3];
    const shape = single ? [length, embedDim] : batchFirst ? [n, length, embedDim] : [length, n, embedDim];
    const output = this.outProj.forward(reshape(permute(y, order), shape));
    if (!needWeights) return [output, null];
    const shownWeights = averageAttnWeights ? mean(weights, 1) : weights;
    return [output, single ? reshape(shownWeights, shownWeights.shape.slice(1)) : shownWeights];
  }

  /** [N,numHeads,L,embedDim / numHeads] of the queries (part 0), keys (1) or values (2). */
  #project(x: Tensor, part: number): Tensor {
    const { embedDim, numHeads, inProjWeight, inProjBias, batchFirst } = this;
    const rows = (packed: Tensor) => slice(packed, part * embedDim, (part + 1) * embedDim);
    const own = [this.qProjWeight, this.kProjWeight, this.vProjWeight][part]!;
    const y = linear(x, inProjWeight ? rows(inProjWeight) : own, inProjBias && rows(inProjBias));
    const heads = reshape(y, [...y.shape.slice(0, 2), numHeads, embedDim / numHeads]);
    return permute(heads, batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
  }

  /** What is added to the scores [N,numHeads,L,S]. */
  #mask(q: Tensor, k: Tensor, { attnMask, keyPaddingMask, isCausal }: MultiheadForwardOptions): Tensor | null {
    const [n, heads, length] = q.shape as [number, number, number, number];
    const keys = k.shape[2]!;
    const resolve = (mask: Tensor | null | undefined, name: string, shape: readonly number[]): Tensor | null => {
      if (!mask) return null;
      const size = shape.reduce((product, part) => product * part, 1);
      if (mask.size !== size)
        throw new ShapeError(`${name} of shape ${formatShape(mask.shape)} does not fit ${formatShape(shape)}`, {
          where: 'MultiheadAttention',
        });
      return additive('MultiheadAttention', reshape(mask, shape), -Infinity, 0);
    };
    const every = attnMask?.rank === 3;
    const masks = [
      resolve(attnMask, 'attnMask', every ? [n, heads, length, keys] : [length, keys]),
      isCausal ? causalMask(length, keys) : null,
      resolve(keyPaddingMask, 'keyPaddingMask', [n, 1, 1, keys]),
    ];
    return masks.reduce(joinMasks, null);
  }

  protected override extraRepr(): string {
    const { embedDim, numHeads, dropout, batchFirst } = this;
    return [
      embedDim,
      numHeads,
      ...shown('dropout', dropout, 0),
      ...shown('batchFirst', batchFirst, false),
      ...shown('bias', this.inProjBias !== null, true),
    ].join(', ');
  }
}
