import { add } from '../../ops/elementwise/arithmetic.js';
import { gelu } from '../../ops/elementwise/gelu.js';
import { relu } from '../../ops/elementwise/relu.js';
import { checkArguments, refusal } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Module } from '../core/module.js';
import { shown } from '../core/shown.js';
import type { Features, Keeps } from '../core/sizes.js';
import { Dropout } from './dropout.js';
import { LayerNorm } from './layerNorm.js';
import { Linear } from './linear.js';
import { MultiheadAttention } from './multiheadAttention.js';

/** How the layer is made. */
export interface TransformerEncoderLayerOptions {
  /** Width of the layer between the two linear ones. Default: 2048. */
  readonly dimFeedforward?: number;
  /** Probability of the dropouts. Default: 0.1. */
  readonly dropout?: number;
  /** Default: 'relu'. */
  readonly activation?: 'relu' | 'gelu';
  /** Added to the variance in both normalisations. Default: 1e-5. */
  readonly layerNormEps?: number;
  /** Inputs are [N,L,E], not [L,N,E]. Default: false, as in PyTorch. */
  readonly batchFirst?: boolean;
  /** Normalise the input of attention and of the linear layers, not their sum with it. Default: false. */
  readonly normFirst?: boolean;
  /** Whether the linear layers and the attention have biases. Default: true. */
  readonly bias?: boolean;
}

/** What the positions attend to: masks as those of {@link MultiheadAttention}, set where it must not look. */
export interface EncoderMasks {
  /** [N,L]. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Position i attends to the positions 0 … i only. Default: false. */
  readonly isCausal?: boolean;
}

/** What the positions of a layer attend to. */
export interface EncoderLayerForwardOptions extends EncoderMasks {
  /** [L,L] or [N·nhead,L,L]. */
  readonly srcMask?: Tensor | null;
}

/** What the positions of an encoder attend to, in all layers. */
export interface EncoderForwardOptions extends EncoderMasks {
  /** [L,L] or [N·nhead,L,L]. */
  readonly mask?: Tensor | null;
}

const CALL =
  'new nn.TransformerEncoderLayer(dModel=128, nhead=4, { batchFirst: true, normFirst: true, dimFeedforward: 512, ' +
  "dropout: 0.1, activation: 'relu'|'gelu', layerNormEps: 1e-5, bias: true })";
const MASKS = 'isCausal: true, srcKeyPaddingMask: mask|null';

/**
 * Self-attention and two linear layers, each with a way around it and a normalisation.
 *
 * z = norm1(x + attention(x)), y = norm2(z + linear2(activation(linear1(z)))); with normFirst
 * z = x + attention(norm1(x)), y = z + linear2(activation(linear1(norm2(z)))); in training, with dropouts
 *
 * Shapes: x [L,N,dModel] (with batchFirst [N,L,dModel]; without a batch [L,dModel]) → the same
 * @throws {ShapeError} in `forward`, when x or a mask has another shape
 * @see torch.nn.TransformerEncoderLayer; Vaswani et al. 2017, arXiv 1706.03762
 * @example
 * const block = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true, normFirst: true });
 * block.forward(ones([4, 5, 8]), { isCausal: true }).shape;   // [4, 5, 8]
 */
export class TransformerEncoderLayer<D extends number = number> extends Layer<
  [src: Tensor, options?: EncoderLayerForwardOptions],
  Tensor,
  Keeps<Features<D>>
> {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly #options: TransformerEncoderLayerOptions;

  constructor(
    readonly dModel: D,
    readonly nhead: number,
    options: TransformerEncoderLayerOptions = {},
  ) {
    super();
    checkArguments(CALL, dModel, nhead, options);
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5, batchFirst = false, bias = true } = options;
    this.#options = options;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps });
    this.norm2 = new LayerNorm(dModel, { eps });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
  }

  /** A layer of its own with the same settings and weights. */
  copy(): TransformerEncoderLayer<D> {
    const copy = new TransformerEncoderLayer(this.dModel, this.nhead, this.#options);
    copy.loadStateDict(this.stateDict());
    return copy;
  }

  protected compute(src: Tensor, options: EncoderLayerForwardOptions = {}): Tensor {
    checkArguments(`TransformerEncoderLayer.forward(x, { ${MASKS}, srcMask: mask|null })`, src, options);
    if (this.#options.normFirst) {
      const z = add(src, this.#attend(this.norm1.forward(src), options));
      return add(z, this.#feed(this.norm2.forward(z)));
    }
    const z = this.norm1.forward(add(src, this.#attend(src, options)));
    return this.norm2.forward(add(z, this.#feed(z)));
  }

  protected override extraRepr(): string {
    const { activation, normFirst } = this.#options;
    return [
      ...shown('activation', activation ?? 'relu', 'relu'),
      ...shown('normFirst', normFirst ?? false, false),
    ].join(', ');
  }

  #attend(x: Tensor, options: EncoderLayerForwardOptions): Tensor {
    const { srcMask: attnMask, srcKeyPaddingMask: keyPaddingMask, isCausal } = options;
    const [y] = this.selfAttn.forward(x, x, x, { attnMask, keyPaddingMask, isCausal, needWeights: false });
    return this.dropout1.forward(y);
  }

  #feed(x: Tensor): Tensor {
    const activation = this.#options.activation === 'gelu' ? gelu : relu;
    return this.dropout2.forward(this.linear2.forward(this.dropout.forward(activation(this.linear1.forward(x)))));
  }
}

/**
 * Copies of an encoder layer one after the other, and a normalisation behind them where one is given.
 *
 * Shapes: x as the layer takes it → the same
 * @see torch.nn.TransformerEncoder
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * const encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(8) });
 * encoder.forward(ones([4, 5, 8])).shape;   // [4, 5, 8]
 */
export class TransformerEncoder<D extends number = number> extends Layer<
  [src: Tensor, options?: EncoderForwardOptions],
  Tensor,
  Keeps<Features<D>>
> {
  readonly layers: readonly TransformerEncoderLayer<D>[];
  readonly norm: Module | null;

  constructor(
    encoderLayer: TransformerEncoderLayer<D>,
    readonly numLayers: number,
    options: { readonly norm?: Module | null } = {},
  ) {
    super();
    checkArguments(
      'new nn.TransformerEncoder(encoderLayer=layer, numLayers=2, { norm: layer|null })',
      encoderLayer,
      numLayers,
      options,
    );
    if (!(encoderLayer instanceof TransformerEncoderLayer))
      throw refusal('TransformerEncoder', 'encoderLayer', 'a TransformerEncoderLayer', encoderLayer);
    this.layers = Array.from({ length: numLayers }, () => encoderLayer.copy());
    this.norm = options.norm ?? null;
  }

  protected compute(src: Tensor, options: EncoderForwardOptions = {}): Tensor {
    checkArguments(`TransformerEncoder.forward(x, { ${MASKS}, mask: mask|null })`, src, options);
    const { mask: srcMask, ...masks } = options;
    const y = this.layers.reduce((x, layer) => layer.forward(x, { ...masks, srcMask }), src);
    return this.norm === null ? y : this.norm.forward(y);
  }
}
