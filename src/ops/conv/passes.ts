import type { Address, OptionalAddress } from '../../runtime/address.js';
import { type RecordAddress, withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { withMemory, withScratch } from '../../runtime/scratch.js';
import { chooseBackwardInput, chooseBackwardWeight, chooseForward } from './choose.js';
import { backwards, type Convolution, weightSize } from './shape.js';
import { CHUNKS } from './tuning.js';

type ShapeAddress = RecordAddress<'ConvShape'>;

/** y = x ∗ weight + bias, over addresses; bias 0 for none. With `relu`, y = max(0, …). */
export function convolve(
  c: Convolution,
  y: Address,
  x: Address,
  weight: Address,
  bias: OptionalAddress,
  relu = false,
): void {
  const algorithm = chooseForward(c);
  if (algorithm === 'winograd') return winograd(c, y, x, weight, bias, { relu });
  if (algorithm === 'gemm') return product(c, y, x, weight, bias, { relu });
  const fours = algorithm === 'lanes' ? c.images >> 2 : 0;
  if (fours > 0) {
    run(c, kernels.f32_conv2d_lanes_forward_scratch, (shape, scratch) =>
      kernels.f32_conv2d_lanes_forward(y, x, weight, bias, shape, scratch, relu, 0, fours),
    );
  }
  if (4 * fours < c.images) {
    run(c, kernels.f32_conv2d_direct_forward_scratch, (shape, scratch) =>
      kernels.f32_conv2d_direct_forward(y, x, weight, bias, shape, scratch, relu, 4 * fours, c.images),
    );
  }
}

/** dx from dy; to each channel of dx a bias is added, 0 for none. */
export function convolveBackwardInput(
  c: Convolution,
  dx: Address,
  dy: Address,
  weight: Address,
  bias: OptionalAddress,
): void {
  const algorithm = chooseBackwardInput(c, dy, weight, bias);
  if (algorithm === 'winograd') return winograd(backwards(c), dx, dy, weight, bias, { turned: true });
  if (algorithm === 'gemm') return product(backwards(c), dx, dy, weight, bias, { turned: true });
  if (algorithm === 'pointwise') return pointwiseBackwardInput(c, dx, dy, weight, bias);
  if (algorithm === 'sparse') {
    return run(c, kernels.f32_conv2d_sparse_backward_input_scratch, (shape, scratch) =>
      kernels.f32_conv2d_sparse_backward_input(dx, dy, weight, shape, scratch, 0, c.images),
    );
  }
  const fours = algorithm === 'lanes' ? c.images >> 2 : 0;
  if (fours > 0) {
    run(c, kernels.f32_conv2d_lanes_backward_input_scratch, (shape, scratch) =>
      kernels.f32_conv2d_lanes_backward_input(dx, dy, weight, bias, shape, scratch, 0, fours),
    );
  }
  if (4 * fours < c.images) {
    run(c, kernels.f32_conv2d_direct_backward_input_scratch, (shape, scratch) =>
      kernels.f32_conv2d_direct_backward_input(dx, dy, weight, bias, shape, scratch, 4 * fours, c.images),
    );
  }
}

/** dWeight from dy and x: the sums over chunks of images are taken first, then added in their order. */
export function convolveBackwardWeight(c: Convolution, dWeight: Address, dy: Address, x: Address): void {
  const algorithm = chooseBackwardWeight(c, dy, x);
  if (algorithm === 'winograd') return winogradBackwardWeight(c, dWeight, dy, x);
  const fours = Math.ceil(c.images / 4);
  const chunkFours = Math.max(Math.ceil(fours / CHUNKS), 1);
  const chunks = Math.ceil(fours / chunkFours);
  const size = weightSize(c);
  withMemory(4 * chunks * size, (partial) => {
    if (algorithm === 'sparse') {
      run(c, kernels.f32_conv2d_sparse_backward_weight_scratch, (shape, scratch) =>
        kernels.f32_conv2d_sparse_backward_weight(partial, dy, x, shape, scratch, 4 * chunkFours, 0, chunks),
      );
    } else {
      run(c, kernels.f32_conv2d_lanes_backward_weight_scratch, (shape, scratch) =>
        kernels.f32_conv2d_lanes_backward_weight(partial, dy, x, shape, scratch, chunkFours, 0, chunks),
      );
    }
    kernels.f32_sum_columns(dWeight, partial, chunks, size, 0, size);
  });
}

/** Calls a kernel with the record of the shape and as much scratch as `scratchOf` asks for it. */
function run(
  c: Convolution,
  scratchOf: (shape: ShapeAddress) => number,
  call: (shape: ShapeAddress, scratch: Address) => void,
): void {
  withRecord('ConvShape', c, (shape) => withScratch(4 * scratchOf(shape), (scratch) => call(shape, scratch)));
}

/** With `turned`, the weight is that of the convolution whose gradient this is. */
function product(
  c: Convolution,
  y: Address,
  x: Address,
  weight: Address,
  bias: OptionalAddress,
  { turned = false, relu = false },
): void {
  run(c, kernels.f32_conv2d_gemm_forward_scratch, (shape, scratch) => {
    const pieces = kernels.f32_conv2d_gemm_forward_pieces(shape);
    kernels.f32_conv2d_gemm_forward(y, x, weight, bias, shape, scratch, turned, relu, 0, pieces);
  });
}

/** The gradient of the pixels that a strided 1 × 1 kernel reads, as if they were the image, and then the image. */
function pointwiseBackwardInput(
  c: Convolution,
  dx: Address,
  dy: Address,
  weight: Address,
  bias: OptionalAddress,
): void {
  withMemory(4 * c.images * c.channels * c.outHeight * c.outWidth, (samples) => {
    const dense = { ...c, height: c.outHeight, width: c.outWidth, strideY: 1, strideX: 1 };
    convolveBackwardInput(dense, samples, dy, weight, bias);
    withRecord('ConvShape', c, (shape) =>
      kernels.f32_conv2d_pointwise_scatter(dx, samples, bias, shape, 0, c.images * c.channels),
    );
  });
}

/** With `turned`, the weight is that of the convolution whose gradient this is. */
function winograd(
  c: Convolution,
  y: Address,
  x: Address,
  weight: Address,
  bias: OptionalAddress,
  { turned = false, relu = false },
): void {
  if (c.outHeight === 0 || c.outWidth === 0) return;
  run(c, kernels.f32_conv2d_winograd_forward_scratch, (shape, scratch) => {
    withMemory(4 * kernels.f32_conv2d_winograd_filters_size(shape), (filters) => {
      kernels.f32_conv2d_winograd_filters(filters, weight, shape, turned, 0, c.channels);
      const strips = kernels.f32_conv2d_winograd_strips(shape);
      kernels.f32_conv2d_winograd_forward(y, x, filters, bias, shape, scratch, relu, 0, strips);
    });
  });
}

function winogradBackwardWeight(c: Convolution, dWeight: Address, dy: Address, x: Address): void {
  withRecord('ConvShape', c, (record) => {
    const count = kernels.f32_conv2d_winograd_parts(record);
    withMemory(4 * count * kernels.f32_conv2d_winograd_part_size(record), (parts) => {
      if (count > 0) {
        run(c, kernels.f32_conv2d_winograd_backward_weight_scratch, (shape, scratch) =>
          kernels.f32_conv2d_winograd_backward_weight(parts, dy, x, shape, scratch, 0, count),
        );
      }
      run(c, kernels.f32_conv2d_winograd_filters_backward_scratch, (shape, scratch) =>
        kernels.f32_conv2d_winograd_filters_backward(dWeight, parts, shape, scratch, count, 0, c.outChannels),
      );
    });
  });
}
