import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { reluGradient } from '../elementwise/relu.js';
import { type ImageShape, imageResult, imageShape, type Pair, pairOf } from '../pool/window.js';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from './passes.js';
import type { Convolution } from './shape.js';

/** How the kernel moves over the image. */
export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /**
   * Zeros on every side; 'same': as many as keep the size (stride 1 only; an odd one out goes below and to the right);
   * 'valid': none. Default 0.
   */
  readonly padding?: Pair | 'same' | 'valid';
  /** Distance between the taps of the kernel. Default 1. */
  readonly dilation?: Pair;
  /** Both kinds of channels are cut into so many groups that do not meet. Default 1. */
  readonly groups?: number;
  /**
   * 'precise' sums all products directly. Default 'fast': 3×3 kernels with stride 1 and at least 8 channels go through
   * Winograd's transforms, two to three times as fast, with an error of up to 1e-5 of the largest output (else 1e-6).
   */
  readonly precision?: 'fast' | 'precise';
}

const CONV2D_CALL =
  "conv2d(x, weight, bias?=bias|null, { stride: 1|[1, 1], padding: 1|0|[1, 1]|'same'|'valid', " +
  "dilation: 1|[1, 1], groups: 1, precision: 'fast'|'precise' })";

/**
 * Convolution of images (cross-correlation: the kernel is not flipped).
 *
 * y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n, g·I/G + c, i·stride + u·dilation − padding, …], g the group
 * of o
 *
 * Shapes:   x [N,I,H,W] (or [I,H,W]) · weight [O,I/groups,KH,KW] · bias [O] → [N,O,OH,OW],
 *           OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, OW likewise
 * Backward: saves x, weight; gradients of x, weight, bias
 * Cost:     2·N·O·OH·OW·I/groups·KH·KW FLOP; scratch for one padded image
 * @throws {ShapeError} when channels disagree, or the kernel is larger than the padded input
 * @throws {ArgumentError} when an option is out of its range, or 'same' meets a stride
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.nn.functional.conv2d
 */
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  checkArguments(CONV2D_CALL, x, weight, bias, options);
  return fusedConv2d(x, weight, bias, options, false);
}

/**
 * `conv2d`, with `relu` followed by a ReLU in the same pass: the same bits, but only its output is saved.
 *
 * @param where the function that errors name
 * @internal
 */
export function fusedConv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: Conv2dOptions,
  relu: boolean,
  where = 'conv2d',
): Tensor {
  requireFloat(where, { x, weight, bias });
  const input = imageShape(x.shape, where);
  const c = resolve(x, input, weight, bias, options, where);
  const y = empty(imageResult(input, c.outChannels, c.outHeight, c.outWidth));
  convolve(c, addressOf(y), addressOf(x), addressOf(weight), addressOrNull(bias), relu);
  const inputs = bias === null ? [x, weight] : [x, weight, bias];
  return recordOp(relu ? 'conv2d + relu' : 'conv2d', y, inputs, c, (received) => {
    const dy = relu ? reluGradient(received, y) : received;
    let dx: Tensor | null = null;
    let dWeight: Tensor | null = null;
    let dBias: Tensor | null = null;
    if (x.requiresGrad) {
      dx = empty(x.shape);
      convolveBackwardInput(c, addressOf(dx), addressOf(dy), addressOf(weight), 0);
    }
    if (weight.requiresGrad) {
      dWeight = empty(weight.shape);
      convolveBackwardWeight(c, addressOf(dWeight), addressOf(dy), addressOf(x));
    }
    if (bias?.requiresGrad) {
      dBias = empty(bias.shape);
      kernels.f32_sum_channels(
        addressOf(dBias),
        addressOf(dy),
        c.images,
        c.outChannels,
        c.outHeight * c.outWidth,
        0,
        c.outChannels,
      );
    }
    return bias === null ? [dx, dWeight] : [dx, dWeight, dBias];
  });
}

function resolve(
  x: Tensor,
  input: ImageShape,
  weight: Tensor,
  bias: Tensor | null,
  options: Conv2dOptions,
  where: string,
): Convolution {
  if (weight.rank !== 4) {
    throw new ShapeError(
      `weight must be [outChannels, inChannels / groups, kernelHeight, kernelWidth], not ${formatShape(weight.shape)}`,
      { where },
    );
  }
  const [outChannels, groupChannels, ...kernel] = weight.shape as [number, number, number, number];
  const { groups = 1, precision = 'fast' } = options;
  const stride = pairOf(options.stride ?? 1, 'stride', where, 1);
  const dilation = pairOf(options.dilation ?? 1, 'dilation', where, 1);
  if (outChannels % groups !== 0)
    throw new ShapeError(
      `the ${outChannels} output channels of weight ${formatShape(weight.shape)} do not divide into ${groups} groups`,
      { where },
    );
  if (input.channels !== groupChannels * groups) {
    const expected = groups === 1 ? `${groupChannels}` : `${groupChannels} in each of ${groups} groups`;
    throw new ShapeError(
      `the input has ${input.channels} channels (axis ${x.rank - 3} of ${formatShape(x.shape)}), but ` +
        `weight ${formatShape(weight.shape)} expects ${expected}`,
      {
        where,
        hint:
          input.width === groupChannels * groups
            ? 'images are [N, C, H, W] here: permute [N, H, W, C] first'
            : `give the layer inChannels = ${input.channels}`,
      },
    );
  }
  if (bias !== null && (bias.rank !== 1 || bias.shape[0] !== outChannels)) {
    throw new ShapeError(
      `bias has shape ${formatShape(bias.shape)}, but weight ${formatShape(weight.shape)} ` +
        `gives ${outChannels} channels`,
      {
        where,
        hint: `the bias must have shape [${outChannels}]`,
      },
    );
  }
  if (kernel[0] === 0 || kernel[1] === 0)
    throw new ShapeError(`the kernel of weight ${formatShape(weight.shape)} is empty`, { where });

  const span = [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1] as const;
  const { padding = 0 } = options;
  let before: readonly [number, number];
  let total: readonly [number, number];
  if (padding === 'same') {
    if (stride[0] !== 1 || stride[1] !== 1)
      throw new ArgumentError(`padding 'same' needs stride 1, not ${JSON.stringify(options.stride)}`, {
        where,
        hint: 'give the padding as a number',
      });
    total = [span[0] - 1, span[1] - 1];
    before = [total[0] >> 1, total[1] >> 1];
  } else {
    before = padding === 'valid' ? [0, 0] : pairOf(padding, 'padding', where, 0);
    total = [2 * before[0], 2 * before[1]];
  }
  const padded = [input.height + total[0], input.width + total[1]] as const;
  if (span[0] > padded[0] || span[1] > padded[1]) {
    const dilated = span[0] === kernel[0] && span[1] === kernel[1] ? '' : ' with its dilation';
    throw new ShapeError(
      `the kernel (${span.join(' × ')}${dilated}) is larger than the padded input (${padded.join(' × ')})` +
        `: input ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}`,
      { where, hint: 'pad more, or use a smaller kernel or fewer poolings before it' },
    );
  }
  return {
    images: input.images,
    channels: input.channels,
    height: input.height,
    width: input.width,
    outChannels,
    outHeight: Math.floor((padded[0] - span[0]) / stride[0]) + 1,
    outWidth: Math.floor((padded[1] - span[1]) / stride[1]) + 1,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    top: before[0],
    left: before[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    groups,
    precise: precision === 'precise',
  };
}
