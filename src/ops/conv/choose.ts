import type { Address, OptionalAddress } from '../../runtime/address.js';
import { kernels } from '../../runtime/runtime.js';
import { density } from '../gemm/gemm.js';
import { backwards, type Convolution, inputSize, outputSize, weightSize } from './shape.js';
import {
  GEMM_CHANNELS,
  GEMM_TAPS,
  GEMM_TAPS_STRIDED,
  LANES_CHANNELS,
  SHORT_ROW,
  SPARSE_BELOW,
  SPARSE_BLOCK,
  SPARSE_NARROW,
  WINOGRAD_CHANNELS,
} from './tuning.js';

/*
 * Which algorithm computes a convolution and its gradients: one rule for all engines and numbers of threads, or the
 * bits would differ. The first line that holds is taken:
 *
 * | algorithm | forward | input gradient | weight gradient | when |
 * |---|---|---|---|---|
 * | `winograd` | yes | yes | yes | 3×3; stride, dilation, groups 1; 8 channels or more on both sides; not `precise` |
 * | `pointwise` | | yes | | 1×1 with a stride, no padding: the gradient of the pixels that it reads |
 * | `sparse` | | yes | yes | dy is mostly zeros; dilation and groups 1 |
 * | `gemm` | yes | with stride 1 | | 16 output channels a group or more, 32 taps or more, or 8 with a stride |
 * | `lanes` | yes | yes | else | rows of at most 12 outputs, 4 channels a group or more, more than one tap |
 * | `direct` | yes | yes | | else |
 *
 * `lanes` puts four images into a vector, `direct` four neighbouring pixels of one. `gemm`, `lanes` and `direct` give
 * the same bits, so that the images that are left over after fours go the direct way.
 */

export function chooseForward(c: Convolution): 'winograd' | 'gemm' | 'lanes' | 'direct' {
  if (suitsWinograd(c)) return 'winograd';
  const lanes = suitsLanes(c, c.outWidth, c.outChannels);
  if (suitsGemm(c, lanes)) return 'gemm';
  return lanes ? 'lanes' : 'direct';
}

/** `dy`, `weight`, `bias`: the addresses of the operands; bias 0 for none. */
export function chooseBackwardInput(
  c: Convolution,
  dy: Address,
  weight: Address,
  bias: OptionalAddress,
): 'winograd' | 'pointwise' | 'sparse' | 'gemm' | 'lanes' | 'direct' {
  if (suitsWinograd(c)) return 'winograd';
  if (readsSamples(c)) return 'pointwise';
  // The block that fills up a row of the window is zeros times dy, which must add nothing to what lies behind.
  // The window of a single channel fills too little of a block to gain anything.
  const sparse = bias === 0 && c.channels > 1 && suitsSparse(c, dy, SPARSE_BLOCK, weight, weightSize(c));
  if (sparse && kernels.f32_all_finite(dy, outputSize(c))) return 'sparse';
  // Without padding, the taps that meet no output are up to half of them, and only the lanes leave them out.
  const cropped = c.outWidth < c.width && c.strideX === 1;
  const lanes = suitsLanes(c, cropped ? 0 : c.width / c.strideX, c.channels);
  if (c.strideY * c.strideX === 1 && suitsGemm(backwards(c), lanes)) return 'gemm';
  return lanes ? 'lanes' : 'direct';
}

/** `dy`, `x`: the addresses of the operands. */
export function chooseBackwardWeight(c: Convolution, dy: Address, x: Address): 'winograd' | 'sparse' | 'lanes' {
  if (suitsWinograd(c)) return 'winograd';
  const narrow = c.kernelWidth * c.channels <= SPARSE_NARROW;
  return suitsSparse(c, dy, narrow ? SPARSE_NARROW : SPARSE_BLOCK, x, inputSize(c)) ? 'sparse' : 'lanes';
}

function suitsWinograd(c: Convolution): boolean {
  return (
    !c.precise &&
    c.groups === 1 &&
    c.channels >= WINOGRAD_CHANNELS &&
    c.outChannels >= WINOGRAD_CHANNELS &&
    c.kernelHeight === 3 &&
    c.kernelWidth === 3 &&
    c.strideY === 1 &&
    c.strideX === 1 &&
    c.dilationY === 1 &&
    c.dilationX === 1
  );
}

/**
 * Short rows with stride 1 are left to the lanes, which skip the taps that meet only the border: 1.15 to 1.4 × as fast.
 */
function suitsGemm(c: Convolution, lanes: boolean): boolean {
  if (c.outChannels / c.groups < GEMM_CHANNELS) return false;
  const taps = (c.channels / c.groups) * c.kernelHeight * c.kernelWidth;
  return c.strideY * c.strideX > 1 ? taps >= GEMM_TAPS_STRIDED : taps >= GEMM_TAPS && !lanes;
}

/** To a 1 × 1 kernel all pixels of an image are one long row. `channels`: those of the side that is computed. */
function suitsLanes(c: Convolution, rowLength: number, channels: number): boolean {
  return (
    c.images >= 4 &&
    rowLength <= SHORT_ROW &&
    channels / c.groups >= LANES_CHANNELS &&
    c.kernelHeight * c.kernelWidth > 1
  );
}

/** Whether only some pixels of x count: a 1 × 1 kernel with a stride. */
function readsSamples(c: Convolution): boolean {
  return c.kernelHeight * c.kernelWidth === 1 && c.strideY * c.strideX > 1 && c.top === 0 && c.left === 0;
}

/**
 * Whether to pass over the zeros of dy, as many as a maximum pool leaves behind: where few enough are not zero,
 * considering how well the rows of a window, kernelWidth · channels floats, fill blocks of `block` floats. The other
 * operand (`other`,
 * `otherSize`) must be finite, or zeros would count.
 */
function suitsSparse(c: Convolution, dy: Address, block: number, other: Address, otherSize: number): boolean {
  if (c.groups !== 1 || c.dilationY !== 1 || c.dilationX !== 1) return false;
  const row = c.kernelWidth * c.channels;
  const limit = (SPARSE_BELOW * row) / (Math.ceil(row / block) * block);
  return density(dy, outputSize(c)) < limit && kernels.f32_all_finite(other, otherSize);
}
