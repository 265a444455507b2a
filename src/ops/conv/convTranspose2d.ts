import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { type ImageShape, imageResult, imageShape, type Pair, pairOf } from '../pool/window.js';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from './passes.js';
import type { Convolution } from './shape.js';

/** How the kernel of the convolution moves that this one reverses. */
export interface ConvTranspose2dOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /**
   * The padding of the convolution that this one reverses: so many rows and columns are cut from every side. Default 0.
   */
  readonly padding?: Pair;
  /**
   * Rows below and columns to the right to add: several sizes convolve to the same one, this chooses among them.
   * Default 0.
   */
  readonly outputPadding?: Pair;
  /** Default 1. */
  readonly groups?: number;
  /** Default 1. */
  readonly dilation?: Pair;
}

const CONV_TRANSPOSE2D_CALL =
  'convTranspose2d(x, weight, bias?=bias|null, { stride: 1|[1, 1], padding: 0|[1, 1], outputPadding: 0|[1, ' +
  '1], groups: 1, dilation: 1|[1, 1] })';

/**
 * Transposed convolution of images: the gradient of `conv2d` with respect to its input, as an operation of its own.
 *
 * y[n,o,h,w] = bias[o] + Σ_{c,u,v} weight[c,o,u,v] · x[n,c,i,j]   over h = i·stride + u·dilation − padding, w likewise
 *
 * Shapes:   x [N,I,H,W] (or [I,H,W]) · weight [I,O/groups,KH,KW] · bias [O] → [N,O,OH,OW],
 *           OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1, OW likewise
 * Backward: saves x, weight; gradients of x, weight, bias
 * Cost:     2·N·I·H·W·O/groups·KH·KW FLOP; scratch for one padded image
 * @throws {ShapeError} when channels disagree, or the padding leaves no output
 * @throws {ArgumentError} when an option is out of its range, or outputPadding is neither below stride nor below
 *   dilation
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.nn.functional.conv_transpose2d
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  checkArguments(CONV_TRANSPOSE2D_CALL, x, weight, bias, options);
  return reversedConv2d(x, weight, bias, options, 'convTranspose2d');
}

/** @param where the function that errors name @internal */
export function reversedConv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTranspose2dOptions,
  where: string,
): Tensor {
  requireFloat(where, { x, weight, bias });
  const input = imageShape(x.shape, where);
  const c = reversed(x, input, weight, bias, options, where);
  const y = empty(imageResult(input, c.channels, c.height, c.width));
  convolveBackwardInput(c, addressOf(y), addressOf(x), addressOf(weight), addressOrNull(bias));
  return recordOp('convTranspose2d', y, bias === null ? [x, weight] : [x, weight, bias], c, (dy) => {
    let dx: Tensor | null = null;
    let dWeight: Tensor | null = null;
    let dBias: Tensor | null = null;
    if (x.requiresGrad) {
      dx = empty(x.shape);
      convolve(c, addressOf(dx), addressOf(dy), addressOf(weight), 0);
    }
    if (weight.requiresGrad) {
      dWeight = empty(weight.shape);
      convolveBackwardWeight(c, addressOf(dWeight), addressOf(x), addressOf(dy));
    }
    if (bias?.requiresGrad) {
      dBias = empty(bias.shape);
      kernels.f32_sum_channels(
        addressOf(dBias),
        addressOf(dy),
        c.images,
        c.channels,
        c.height * c.width,
        0,
        c.channels,
      );
    }
    return bias === null ? [dx, dWeight] : [dx, dWeight, dBias];
  });
}

/** The convolution that goes the other way: from what is here the output to what is here the input. */
function reversed(
  x: Tensor,
  input: ImageShape,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTranspose2dOptions,
  where: string,
): Convolution {
  if (weight.rank !== 4) {
    throw new ShapeError(
      `weight must be [inChannels, outChannels / groups, kernelHeight, kernelWidth], not ${formatShape(weight.shape)}`,
      { where },
    );
  }
  const [inChannels, groupOutputs, ...kernel] = weight.shape as [number, number, number, number];
  const { groups = 1 } = options;
  const stride = pairOf(options.stride ?? 1, 'stride', where, 1);
  const dilation = pairOf(options.dilation ?? 1, 'dilation', where, 1);
  const padding = pairOf(options.padding ?? 0, 'padding', where, 0);
  const outputPadding = pairOf(options.outputPadding ?? 0, 'outputPadding', where, 0);
  if (input.channels !== inChannels) {
    throw new ShapeError(
      `the input has ${input.channels} channels (axis ${x.rank - 3} of ${formatShape(x.shape)}), but ` +
        `weight ${formatShape(weight.shape)} expects ${inChannels}`,
      {
        where,
        hint:
          'the weight of a transposed convolution is [in, out / groups, …]; give ' +
          `the layer inChannels = ${input.channels}`,
      },
    );
  }
  if (inChannels % groups !== 0)
    throw new ShapeError(
      `the ${inChannels} input channels of weight ${formatShape(weight.shape)} do not divide into ${groups} groups`,
      { where },
    );
  const channels = groupOutputs * groups;
  if (bias !== null && (bias.rank !== 1 || bias.shape[0] !== channels)) {
    throw new ShapeError(
      `bias has shape ${formatShape(bias.shape)}, but weight ${formatShape(weight.shape)} ` +
        `in ${groups} groups gives ${channels} channels`,
      {
        where,
        hint: `the bias must have shape [${channels}]`,
      },
    );
  }
  if (kernel[0] === 0 || kernel[1] === 0)
    throw new ShapeError(`the kernel of weight ${formatShape(weight.shape)} is empty`, { where });
  outputPadding.forEach((extra, axis) => {
    if (extra >= stride[axis]! && extra >= dilation[axis]!) {
      throw new ArgumentError(
        `outputPadding ${extra} must be smaller than the stride (${stride[axis]}) or the dilation (${dilation[axis]})`,
        { where },
      );
    }
  });
  const [height, width] = [input.height, input.width].map(
    (length, axis) =>
      (length - 1) * stride[axis]! -
      2 * padding[axis]! +
      dilation[axis]! * (kernel[axis]! - 1) +
      outputPadding[axis]! +
      1,
  ) as [number, number];
  if (height <= 0 || width <= 0 || input.height === 0 || input.width === 0) {
    throw new ShapeError(
      `nothing is left: input ${formatShape(x.shape)} and weight ${formatShape(weight.shape)} ` +
        `give images of ${height} × ${width}`,
      {
        where,
        hint: 'use less padding or larger images',
      },
    );
  }
  return {
    images: input.images,
    channels,
    height,
    width,
    outChannels: inChannels,
    outHeight: input.height,
    outWidth: input.width,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    top: padding[0],
    left: padding[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    groups,
    precise: false,
  };
}
