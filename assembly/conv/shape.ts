import { assertApart, assertSizes } from '../assert';

/**
 * Sizes of a convolution, as kernels read them from memory. The caller fills it and does not change it while a kernel
 * computes. x [images, channels, height, width], weight [outChannels, channels/groups, kernelHeight, kernelWidth],
 * y [images, outChannels, outHeight, outWidth]. Output (i, j) and tap (u, v) meet at
 *
 *     row     i·strideY + u·dilationY − top
 *     column  j·strideX + v·dilationX − left        of the input; zeros outside
 *
 * `top` and `left` may be negative: the image is cropped.
 */
@unmanaged
export class ConvShape {
  images: i32;
  channels: i32;
  height: i32;
  width: i32;
  outChannels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideY: i32;
  strideX: i32;
  top: i32;
  left: i32;
  dilationY: i32;
  dilationX: i32;
  groups: i32;

  /** Input channels of a group. */
  @inline
  get groupChannels(): i32 { return this.channels / this.groups; }

  /** Output channels of a group. */
  @inline
  get groupOutputs(): i32 { return this.outChannels / this.groups; }

  /** Taps of one output: places of the kernel times input channels of a group. */
  @inline
  get taps(): i32 { return this.channels / this.groups * this.kernelHeight * this.kernelWidth; }

  /** Outputs of one image and channel. */
  @inline
  get pixels(): i32 { return this.outHeight * this.outWidth; }

  /** Rows of the input that the taps of one output span. */
  @inline
  get spanY(): i32 { return (this.kernelHeight - 1) * this.dilationY + 1; }

  /** Columns of the input that the taps of one output span. */
  @inline
  get spanX(): i32 { return (this.kernelWidth - 1) * this.dilationX + 1; }

  /** Bytes of one image of the input. */
  @inline
  get imageBytes(): usize { return <usize>(this.channels * this.height * this.width) << 2; }

  /** Bytes of one image of the output. */
  @inline
  get outBytes(): usize { return <usize>(this.outChannels * this.outHeight * this.outWidth) << 2; }
}

export function assertConvShape(shape: ConvShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(
    shape.images | shape.channels | shape.height | shape.width | shape.outChannels | shape.outHeight | shape.outWidth);
  assert(
    min(shape.kernelHeight, shape.kernelWidth) > 0 && min(shape.strideY, shape.strideX) > 0
      && min(shape.dilationY, shape.dilationX) > 0,
    'a convolution: kernel, stride and dilation of at least 1 are expected');
  assert(
    shape.groups > 0 && shape.channels % shape.groups == 0 && shape.outChannels % shape.groups == 0,
    'a convolution: channels of both sides that divide into the groups are expected');
}

/** `x` and `y`: images of the input and the output, or their gradients. The one that is written overlaps nothing. */
export function assertConvImages(shape: ConvShape, x: usize, y: usize): void {
  if (ASC_NO_ASSERT) return;
  assertApart(x, <usize>shape.images * shape.imageBytes, y, <usize>shape.images * shape.outBytes);
}
