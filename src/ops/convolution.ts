import { kernels, withMemory, withScratch } from '../runtime/runtime.js';
import { density } from './gemm.js';

/** What a convolution is made of, named from its own point of view: x is its input, y its output. */
export interface Convolution {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Zeros above and to the left; those below and to the right follow from the sizes. */
  readonly before: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** Sum directly, without Winograd's transforms. */
  readonly precise: boolean;
}

/**
 * Which kernel computes a convolution: one rule for all engines and numbers of threads, or the bits would differ.
 *
 * | kernel                          | stride, dilation, groups | channels on both sides                 | way                                                       |
 * |---------------------------------|--------------------------|----------------------------------------|-----------------------------------------------------------|
 * | 3×3                             | 1, 1, 1                  | at least 8                             | Winograd F(4×4, 3×3), unless `precise`                    |
 * | other, gradient of the weight   |                          |                                        | direct, four images to a vector                           |
 * | other, many taps (`usesGemm`)   |                          | at least 16 on the far side, per group | matrix product of the weights and packed pixels           |
 * | other, short rows (`usesLanes`) |                          | at least 4 on the far side, per group  | direct, four images to a vector                           |
 * | other                           |                          |                                        | direct, four neighbouring pixels of one image to a vector |
 *
 * The last three give the same bits, so that images which are left over may go another way.
 *
 * (Measured at batch 100, Winograd against direct: 0.95 × its speed with 4 channels, 2 × with 16, 2.4 × with 64.)
 */
function usesWinograd(c: Convolution): boolean {
  return !c.precise && c.groups === 1 && c.channels >= 8 && c.outChannels >= 8
    && [c.kernel, c.stride, c.dilation].every((pair, i) => pair.every((length) => length === (i === 0 ? 3 : 1)));
}

/**
 * Whether a convolution is a matrix product of its weights and the pixels under each tap. Packing these pays where they
 * meet many channels, and the micro-kernel where it sums many terms: 1.1 to 1.3 × as fast as directly. With a stride the
 * direct way copies columns apart, so that fewer terms are enough: 1.0 to 1.4 ×. Short rows with stride 1 are left to the
 * lanes, which pass over the taps that meet only the border and are 1.15 to 1.4 × as fast.
 */
function usesGemm(c: Convolution, fours: number): boolean {
  const taps = c.channels / c.groups * c.kernel[0] * c.kernel[1];
  const strided = c.stride[0] * c.stride[1] > 1;
  return c.outChannels / c.groups >= 16 && (strided ? taps >= 8 : taps >= 32 && fours === 0);
}

/** Rows of so many outputs at most are short: whole vectors of pixels waste too much of them. */
const SHORT_ROW = 12;

/**
 * Whether four images are computed at once rather than four pixels: 1.1 to 1.4 × as fast where rows are short; where they
 * are not, taking the images apart costs more than it saves. Groups of few channels compute too little for it, and to a
 * 1 × 1 kernel all pixels of an image are one long row.
 */
function usesLanes(c: Convolution, rowLength: number, rowChannels: number): boolean {
  return rowLength <= SHORT_ROW && rowChannels / c.groups >= 4 && c.kernel[0] * c.kernel[1] > 1;
}

/** y = x ∗ weight + bias, over addresses; bias 0 for none. With `relu`, y = max(0, …). */
export function convolve(c: Convolution, y: number, x: number, weight: number, bias: number, relu = false): void {
  if (usesWinograd(c)) return winograd(c, y, x, weight, bias, { relu });
  const fours = usesLanes(c, c.outWidth, c.outChannels) ? c.images >> 2 : 0;
  if (usesGemm(c, fours)) return convolveGemm(c, y, x, weight, bias, { relu });
  const geometry = geometryOf(c);
  if (fours > 0) {
    const floats = kernels.f32_conv2d_lanes_forward_scratch(
      c.channels, c.width, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, c.before[1], ...c.dilation, c.groups);
    withScratch(4 * floats, (scratch) => kernels.f32_conv2d_lanes_forward(y, x, weight, bias, scratch, ...geometry, relu, 0, fours));
  }
  if (4 * fours === c.images) return;
  const floats = kernels.f32_conv2d_forward_scratch(c.channels, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.dilation, c.groups);
  withScratch(4 * floats, (scratch) => kernels.f32_conv2d_forward(y, x, weight, bias, scratch, ...geometry, relu, 4 * fours, c.images));
}

/** With `turned`, the weight is that of the convolution whose gradient this is. */
function convolveGemm(c: Convolution, y: number, x: number, weight: number, bias: number, { turned = false, relu = false } = {}): void {
  const floats = kernels.f32_conv2d_gemm_scratch(c.channels, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.dilation, c.groups);
  const pieces = kernels.f32_conv2d_gemm_pieces(c.images, c.outChannels, c.outHeight, c.outWidth, c.groups);
  withScratch(4 * floats, (scratch) => kernels.f32_conv2d_gemm(y, x, weight, bias, scratch, c.images, ...geometryOf(c), turned, relu, 0, pieces));
}

/** dx from dy; to each channel of dx a bias is added, 0 for none. */
export function convolveBackwardInput(c: Convolution, dx: number, dy: number, weight: number, bias: number): void {
  if (usesWinograd(c)) return winograd(backwards(c), dx, dy, weight, bias, { turned: true });
  if (readsSamples(c)) return samplesBackwardInput(c, dx, dy, weight, bias);
  const weightSize = c.outChannels * c.channels / c.groups * c.kernel[0] * c.kernel[1];
  // The block that fills up a run is zeros times dy, which must add nothing to what lies behind.
  // The window of a single channel fills too little of a run to gain anything.
  if (bias === 0 && c.channels > 1 && skipsZeros(c, dy, FLOATS_AT_ONCE, weight, weightSize) && kernels.f32_all_finite(dy, outputSize(c))) return skippingBackwardInput(c, dx, dy, weight);
  // Without padding, the taps that meet no output are up to half of them, and only the lanes leave them out.
  const cropped = c.outWidth < c.width && c.stride[1] === 1;
  const fours = usesLanes(c, cropped ? 0 : c.width / c.stride[1], c.channels) ? c.images >> 2 : 0;
  if (c.stride[0] * c.stride[1] === 1 && usesGemm(backwards(c), fours)) return convolveGemm(backwards(c), dx, dy, weight, bias, { turned: true });
  const geometry = geometryOf(c);
  if (fours > 0) {
    const floats = kernels.f32_conv2d_lanes_backward_input_scratch(
      c.channels, c.height, c.width, c.outChannels, ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups);
    withScratch(4 * floats, (scratch) => kernels.f32_conv2d_lanes_backward_input(dx, dy, weight, bias, scratch, ...geometry, 0, fours));
  }
  if (4 * fours === c.images) return;
  const floats = kernels.f32_conv2d_backward_input_scratch(c.channels, c.height, c.width, c.outChannels, ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups);
  withScratch(4 * floats, (scratch) => kernels.f32_conv2d_backward_input(dx, dy, weight, bias, scratch, ...geometry, 4 * fours, c.images));
}

/** Whether x counts only at every so many pixels: a 1 × 1 kernel with a stride. */
function readsSamples(c: Convolution): boolean {
  return c.kernel[0] * c.kernel[1] === 1 && c.stride[0] * c.stride[1] > 1 && c.before[0] === 0 && c.before[1] === 0;
}

/** The gradient of these pixels, as if they were the image, and then the image. */
function samplesBackwardInput(c: Convolution, dx: number, dy: number, weight: number, bias: number): void {
  withMemory(4 * c.images * c.channels * c.outHeight * c.outWidth, (samples) => {
    convolveBackwardInput({ ...c, height: c.outHeight, width: c.outWidth, stride: [1, 1] }, samples, dy, weight, bias);
    kernels.f32_conv2d_spread(dx, samples, bias, c.channels, c.height, c.width, ...c.stride, 0, c.images * c.channels);
  });
}

/** The sizes that all direct kernels take, in their order. */
function geometryOf(c: Convolution) {
  return [
    c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups,
  ] as const;
}

/** Into so many chunks at most are the images cut for the weight's gradient. More threads than that gain nothing. */
const CHUNKS = 16;

/** dWeight from dy and x: the sums over chunks of images are taken first, then added in their order. */
export function convolveBackwardWeight(c: Convolution, dWeight: number, dy: number, x: number): void {
  if (usesWinograd(c)) return winogradBackwardWeight(c, dWeight, dy, x);
  const fours = Math.ceil(c.images / 4);
  const chunkFours = Math.max(Math.ceil(fours / CHUNKS), 1);
  const chunks = Math.ceil(fours / chunkFours);
  const weightSize = c.outChannels * c.channels / c.groups * c.kernel[0] * c.kernel[1];
  const narrow = c.kernel[1] * c.channels <= NARROW_RUN;
  const skip = skipsZeros(c, dy, narrow ? NARROW_RUN : FLOATS_AT_ONCE, x, c.images * c.channels * c.height * c.width);
  const floats = skip
    ? kernels.f32_conv2d_skip_backward_weight_scratch(...windowsOf(c))
    : kernels.f32_conv2d_backward_weight_scratch(c.channels, c.width, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, c.before[1], ...c.dilation, c.groups);
  withMemory(4 * chunks * weightSize, (partial) => {
    withScratch(4 * floats, (scratch) => {
      if (skip) kernels.f32_conv2d_skip_backward_weight(partial, dy, x, scratch, c.images, 4 * chunkFours, ...windowsOf(c), 0, chunks);
      else kernels.f32_conv2d_backward_weight(partial, dy, x, scratch, c.images, chunkFours, ...geometryOf(c), 0, chunks);
    });
    kernels.f32_sum_columns(dWeight, partial, chunks, weightSize, 0, weightSize);
  });
}

/** Non-zeros of dy, as the kernels that pass over zeros count their cost, up to which they are faster (measured: 0.6 to 0.7 of all). */
const SKIP_BELOW = 0.5;
/** Those kernels work on so many floats of a row of the window at once; the gradient of the weight has another way for narrow rows. */
const FLOATS_AT_ONCE = 32;
const NARROW_RUN = 8;

/**
 * Whether to pass over the zeros of dy, as many as a maximum pool leaves behind: where few enough are not zero, considering
 * how well the window's rows of kernelWidth · channels floats fill the `floats` that are worked on at once. What dy meets
 * must be finite, or zeros would count.
 */
function skipsZeros(c: Convolution, dy: number, floats: number, met: number, metSize: number): boolean {
  if (c.groups !== 1 || c.dilation[0] !== 1 || c.dilation[1] !== 1) return false;
  const run = c.kernel[1] * c.channels;
  const limit = SKIP_BELOW * run / (Math.ceil(run / floats) * floats);
  return density(dy, outputSize(c)) < limit && kernels.f32_all_finite(met, metSize);
}

function outputSize(c: Convolution): number {
  return c.images * c.outChannels * c.outHeight * c.outWidth;
}

function skippingBackwardInput(c: Convolution, dx: number, dy: number, weight: number): void {
  withScratch(4 * kernels.f32_conv2d_skip_backward_input_scratch(...windowsOf(c)), (scratch) => {
    kernels.f32_conv2d_skip_backward_input(dx, dy, weight, scratch, ...windowsOf(c), 0, c.images);
  });
}

/** The sizes that the kernels take which pass over zeros: those of `geometryOf` without dilation and groups. */
function windowsOf(c: Convolution) {
  return [c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.before] as const;
}

/** The convolution that takes dy to dx, for stride 1: the same with both sides exchanged. */
function backwards(c: Convolution): Convolution {
  return {
    ...c, channels: c.outChannels, height: c.outHeight, width: c.outWidth, outChannels: c.channels, outHeight: c.height, outWidth: c.width,
    before: [c.dilation[0] * (c.kernel[0] - 1) - c.before[0], c.dilation[1] * (c.kernel[1] - 1) - c.before[1]],
  };
}

/** With `turned`, the weight is that of the convolution whose gradient this is. */
function winograd(c: Convolution, y: number, x: number, weight: number, bias: number, { turned = false, relu = false }): void {
  if (c.outHeight === 0 || c.outWidth === 0) return;
  withMemory(4 * kernels.f32_winograd_filters_size(c.outChannels, c.channels), (filters) => {
    kernels.f32_winograd_filters(filters, weight, c.outChannels, c.channels, turned, 0, c.channels);
    withScratch(4 * kernels.f32_winograd_forward_scratch(c.channels, c.outChannels, c.outWidth), (scratch) => {
      kernels.f32_winograd_forward(
        y, x, filters, bias, scratch, c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth,
        ...c.before, relu, 0, kernels.f32_winograd_strips(c.images, c.outHeight));
    });
  });
}

function winogradBackwardWeight(c: Convolution, dWeight: number, dy: number, x: number): void {
  const count = kernels.f32_winograd_parts(c.images, c.outHeight, c.outWidth);
  withMemory(4 * count * kernels.f32_winograd_part_size(c.outChannels, c.channels), (parts) => {
    if (count > 0) {
      withScratch(4 * kernels.f32_winograd_backward_weight_scratch(c.channels, c.outChannels, c.outWidth), (scratch) => {
        kernels.f32_winograd_backward_weight(
          parts, dy, x, scratch, c.images, c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth, ...c.before, 0, count);
      });
    }
    withScratch(4 * kernels.f32_winograd_filters_backward_scratch(), (scratch) => {
      kernels.f32_winograd_filters_backward(dWeight, parts, scratch, count, c.outChannels, c.channels, 0, c.outChannels);
    });
  });
}
