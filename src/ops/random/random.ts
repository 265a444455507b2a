/**
 * Random tensors. Each call is one draw of a stream (see `runtime/generator.ts`): its numbers depend on the seed, the
 * stream, how many draws that stream made before, and their place in the tensor; on nothing else.
 */
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, DTypeError } from '../../runtime/errors.js';
import { type Draw, nextDraw, STREAMS, type Stream } from '../../runtime/generator.js';
import { viewI32 } from '../../runtime/memory.js';
import { kernels } from '../../runtime/runtime.js';
import { withScratch } from '../../runtime/scratch.js';
import { empty, type TensorOptions } from '../../tensor/create.js';
import type { DType } from '../../tensor/dtype.js';
import { checkShape, type Shape } from '../../tensor/shape.js';
import { addressOf, markOverwritten, type Tensor } from '../../tensor/tensor.js';

const ANY_STREAM = Object.keys(STREAMS)
  .map((name) => `'${name}'`)
  .join('|');

/** What kind of tensor is drawn: float32, with a gradient or without. */
export type RandomOptions = Pick<TensorOptions, 'requiresGrad'>;

/** What kind of mask is drawn. */
export interface MaskOptions {
  /** Default: float32. */
  readonly dtype?: 'float32' | 'uint8';
}

/**
 * Fills `target` with numbers uniform in [low, high), in place; not recorded for gradients.
 *
 * t = low + (high − low)·u, u = k·2⁻²⁴ with k a random 24-bit integer (all low, where high = low)
 *
 * @throws {DTypeError} when `target` is not float32
 * @throws {ArgumentError} when the bounds are not finite, or high < low
 */
export function fillUniform(target: Tensor, low = 0, high = 1, stream: Stream = 'sample'): Tensor {
  checkArguments(`fillUniform(target, low?=-0.5, high?=0.5, stream?=${ANY_STREAM})`, target, low, high, stream);
  checkFloat(target, 'fillUniform');
  const [from, to] = [Math.fround(low), Math.fround(high)];
  const width = Math.fround(to - from);
  if (!(to >= from) || !Number.isFinite(width)) {
    throw new ArgumentError(`the bounds must be finite with low ≤ high, not [${low}, ${high})`, {
      where: 'fillUniform',
    });
  }
  const { seed, stream: key, draw } = nextDraw(stream);
  markOverwritten(target, 'fillUniform');
  kernels.f32_random_uniform(
    addressOf(target),
    seed,
    key,
    draw,
    from,
    width,
    to > from ? floatBelow(to) : to,
    0,
    target.size,
  );
  return target;
}

/**
 * Fills `target` with normal numbers, in place; not recorded for gradients.
 *
 * t = mean + std·z, z of mean 0 and variance 1 by Box and Muller's transform, |z| ≤ 5.77 (as with torch.randn)
 *
 * @throws {DTypeError} when `target` is not float32
 * @throws {ArgumentError} when mean or std is not finite, or std < 0
 */
export function fillNormal(target: Tensor, mean = 0, std = 1, stream: Stream = 'sample'): Tensor {
  checkArguments(`fillNormal(target, mean?=0.0, std?=1.0, stream?=${ANY_STREAM})`, target, mean, std, stream);
  checkFloat(target, 'fillNormal');
  if (!Number.isFinite(mean) || !Number.isFinite(std) || std < 0) {
    throw new ArgumentError(`mean must be finite and std finite and ≥ 0, not ${mean} and ${std}`, {
      where: 'fillNormal',
    });
  }
  const { seed, stream: key, draw } = nextDraw(stream);
  markOverwritten(target, 'fillNormal');
  kernels.f32_random_normal(addressOf(target), seed, key, draw, mean, std, 0, target.size);
  return target;
}

/** Numbers uniform in [0, 1), each a multiple of 2⁻²⁴. */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  checkArguments('rand(shape=[2, 3], { requiresGrad: true })', shape, options);
  return withGrad(fillUniform(fresh(shape, 'float32', 'rand')), options);
}

/** Normal numbers of mean 0 and variance 1. */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  checkArguments('randn(shape=[2, 3], { requiresGrad: true })', shape, options);
  return withGrad(fillNormal(fresh(shape, 'float32', 'randn')), options);
}

/**
 * Whole numbers (int32) from `low` to `high` − 1, each equally likely.
 *
 * @throws {ArgumentError} when the bounds are no int32 numbers with low < high, or span more than 2³² − 1 numbers
 */
export function randint(low: number, high: number, shape: Shape): Tensor {
  checkArguments('randint(low=-5, high=-1, shape=[2, 3])', low, high, shape);
  const range = high - low;
  if (low < -(2 ** 31) || high > 2 ** 31 || range < 1 || range > 0xffff_ffff) {
    throw new ArgumentError(`the bounds must be int32 numbers with low < high, not ${low} and ${high}`, {
      where: 'randint',
    });
  }
  const y = fresh(shape, 'int32', 'randint');
  const { seed, stream, draw } = nextDraw('sample');
  kernels.i32_random_integers(addressOf(y), seed, stream, draw, low, range, 0, y.size);
  return y;
}

/** The numbers 0 … n − 1 (int32) in random order, each order equally likely. */
export function randperm(n: number): Tensor {
  checkArguments('randperm(n=0)', n);
  const y = fresh([n], 'int32', 'randperm');
  const { seed, stream, draw } = nextDraw('sample');
  kernels.i32_random_permutation(addressOf(y), seed, stream, draw, n);
  return y;
}

/** As {@link randperm}, of a given draw and outside of tensors: the order of an epoch. @internal */
export function randomPermutation(n: number, { seed, stream, draw }: Draw): Int32Array {
  return withScratch(4 * n, (address) => {
    kernels.i32_random_permutation(address, seed, stream, draw, n);
    return viewI32(address, n).slice();
  });
}

const BERNOULLI_CALL = "bernoulli(shape=[2, 3], probability=0.5, { dtype: 'float32'|'uint8' })";

/**
 * Ones with the given probability (to a multiple of 2⁻²⁴), zeros else.
 *
 * @throws {ArgumentError} when `probability` is outside [0, 1]
 */
export function bernoulli(shape: Shape, probability: number, options: MaskOptions = {}): Tensor {
  checkArguments(BERNOULLI_CALL, shape, probability, options);
  if (!(probability >= 0 && probability <= 1))
    throw new ArgumentError(`a probability lies in [0, 1], not ${probability}`, { where: 'bernoulli' });
  return randomMask(shape, probability, options.dtype ?? 'float32', 'sample', 'bernoulli');
}

/** Ones with the given probability, from any stream. @internal */
export function randomMask(
  shape: Shape,
  probability: number,
  dtype: 'float32' | 'uint8',
  from: Stream,
  where: string,
): Tensor {
  const y = fresh(shape, dtype, where);
  const { seed, stream, draw } = nextDraw(from);
  const fill = dtype === 'uint8' ? kernels.u8_random_mask : kernels.f32_random_mask;
  fill(addressOf(y), seed, stream, draw, probability, 0, y.size);
  return y;
}

function fresh(shape: Shape, dtype: DType, where: string): Tensor {
  checkShape(shape, where);
  return empty([...shape], dtype);
}

function checkFloat(target: Tensor, where: string): void {
  if (target.dtype !== 'float32')
    throw new DTypeError(`only float32 tensors can be filled, not ${target.dtype}`, { where });
}

function withGrad(y: Tensor, { requiresGrad = false }: RandomOptions): Tensor {
  y.requiresGrad = requiresGrad;
  return y;
}

/** The largest float32 number below a finite `value`. */
function floatBelow(value: number): number {
  const bits = new Int32Array(new Float32Array([value]).buffer);
  if (value === 0)
    bits[0] = 0x8000_0001; // The smallest number below either zero.
  else bits[0]! += value > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
}
