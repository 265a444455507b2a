import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { squeeze, unsqueeze } from '../movement/reshape.js';
import { asRow, checkRank } from '../pool/sequence.js';
import { fusedConv2d } from './conv2d.js';
import { reversedConv2d } from './convTranspose2d.js';

/** How the kernel moves over the sequence. */
export interface Conv1dOptions {
  /** Default 1. */
  readonly stride?: number;
  /**
   * Zeros at both ends; 'same': as many as keep the length (stride 1 only; an odd one out goes to the end); 'valid':
   * none. Default 0.
   */
  readonly padding?: number | 'same' | 'valid';
  /** Distance between the taps of the kernel. Default 1. */
  readonly dilation?: number;
  /** Both kinds of channels are cut into so many groups that do not meet. Default 1. */
  readonly groups?: number;
}

const CALL = "conv1d(x, weight, bias?=bias|null, { stride: 1, padding: 1|0|'same'|'valid', dilation: 1, groups: 1 })";

/**
 * Convolution of sequences (cross-correlation: the kernel is not flipped): that of images of one row.
 *
 * y[n,o,j] = bias[o] + Σ_{c,v} weight[o,c,v] · x[n, g·I/G + c, j·stride + v·dilation − padding], g the group of o
 *
 * Shapes:   x [N,I,L] (or [I,L]) · weight [O,I/groups,K] · bias [O] → [N,O,OL],
 *           OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1
 * Backward: saves x, weight; gradients of x, weight, bias
 * Cost:     2·N·O·OL·I/groups·K FLOP
 * @throws {ShapeError} when channels disagree, or the kernel is longer than the padded input
 * @throws {ArgumentError} when an option is out of its range, or 'same' meets a stride
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.nn.functional.conv1d
 * @example
 * const x = tensor([[1, 2, 3, 4]]);
 * conv1d(x, tensor([[[1, 1]]])).toArray();   // [[3, 5, 7]]
 */
export function conv1d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: Conv1dOptions = {}): Tensor {
  checkArguments(CALL, x, weight, bias, options);
  return fusedConv1d(x, weight, bias, options, false);
}

/** `conv1d`, with `relu` followed by a ReLU in the same pass. @internal */
export function fusedConv1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv1dOptions,
  relu: boolean,
): Tensor {
  checkRank('conv1d', 'weight', weight, '[outChannels, inChannels / groups, kernelSize]');
  const options = {
    stride: [1, stride] as const,
    padding: typeof padding === 'number' ? ([0, padding] as const) : padding,
    dilation: [1, dilation] as const,
    groups,
  };
  return squeeze(fusedConv2d(asRow('conv1d', x), unsqueeze(weight, -2), bias, options, relu, 'conv1d'), -2);
}

/** How the kernel of the convolution moves that this one reverses. */
export interface ConvTranspose1dOptions {
  /** Default 1. */
  readonly stride?: number;
  /** The padding of the convolution that this one reverses: so much is cut from both ends. Default 0. */
  readonly padding?: number;
  /** How much is added at the end: several lengths convolve to the same one, this chooses among them. Default 0. */
  readonly outputPadding?: number;
  /** Default 1. */
  readonly groups?: number;
  /** Default 1. */
  readonly dilation?: number;
}

const TRANSPOSE_CALL =
  'convTranspose1d(x, weight, bias?=bias|null, ' +
  '{ stride: 1, padding: 0, outputPadding: 0, groups: 1, dilation: 1 })';

/**
 * Transposed convolution of sequences: the gradient of `conv1d` with respect to its input, as an operation of its own.
 *
 * y[n,o,l] = bias[o] + Σ_{c,v} weight[c,o,v] · x[n,c,j]   over l = j·stride + v·dilation − padding
 *
 * Shapes:   x [N,I,L] (or [I,L]) · weight [I,O/groups,K] · bias [O] → [N,O,OL],
 *           OL = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1
 * Backward: saves x, weight; gradients of x, weight, bias
 * Cost:     2·N·I·L·O/groups·K FLOP
 * @throws {ShapeError} when channels disagree, or the padding leaves no output
 * @throws {ArgumentError} when an option is out of its range, or outputPadding is neither below stride nor below
 *   dilation
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.nn.functional.conv_transpose1d
 * @example
 * const x = tensor([[1, 2]]);
 * convTranspose1d(x, tensor([[[1, 1]]]), null, { stride: 2 }).toArray();   // [[1, 1, 2, 2]]
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTranspose1dOptions = {},
): Tensor {
  checkArguments(TRANSPOSE_CALL, x, weight, bias, options);
  const { stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 } = options;
  checkRank('convTranspose1d', 'weight', weight, '[inChannels, outChannels / groups, kernelSize]');
  const y = reversedConv2d(
    asRow('convTranspose1d', x),
    unsqueeze(weight, -2),
    bias,
    {
      stride: [1, stride],
      padding: [0, padding],
      outputPadding: [0, outputPadding],
      groups,
      dilation: [1, dilation],
    },
    'convTranspose1d',
  );
  return squeeze(y, -2);
}
