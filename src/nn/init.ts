/**
 * Initial values of parameters, as torch.nn.init has them. Each function fills a tensor in place (not recorded for
 * gradients) and returns it. Random numbers come from the `init` stream: after `manualSeed(n)` the same layers, made in
 * the same order, have the same weights.
 *
 * @module init
 */

import { fillNormal, fillUniform } from '../ops/random/random.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import { scope } from '../tensor/scope.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** What comes after a layer, or the layer itself where nothing does. */
export type Nonlinearity = 'linear' | 'conv2d' | 'convTranspose2d' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

/** What the values are scaled for. */
export interface KaimingOptions {
  /** Slope of the leaky ReLU after the layer; used with that only. Default: 0. */
  readonly a?: number;
  /** Keep the variance of the activations (`fanIn`, the default), or that of the gradients (`fanOut`). */
  readonly mode?: 'fanIn' | 'fanOut';
  /** What comes after the layer. Default: leakyRelu. */
  readonly nonlinearity?: Nonlinearity;
}

/** The bell, and where it is cut off. */
export interface TruncNormalOptions {
  /** Default: 0. */
  readonly mean?: number;
  /** Default: 1. */
  readonly std?: number;
  /** Least value. Default: −2. */
  readonly low?: number;
  /** Largest value. Default: 2. */
  readonly high?: number;
}

/** Uniform in [low, high). @see torch.nn.init.uniform_ */
export function uniform(target: Tensor, low = 0, high = 1): Tensor {
  checkArguments('nn.init.uniform(target, low?=-0.1, high?=0.1)', target, low, high);
  return fillUniform(target, low, high, 'init');
}

/** Normal of this mean and standard deviation. @see torch.nn.init.normal_ */
export function normal(target: Tensor, mean = 0, std = 1): Tensor {
  checkArguments('nn.init.normal(target, mean?=0.0, std?=0.02)', target, mean, std);
  return fillNormal(target, mean, std, 'init');
}

/** All elements equal to `value`. @see torch.nn.init.constant_ */
export function constant(target: Tensor, value: number): Tensor {
  checkArguments('nn.init.constant(target, value=0.5|NaN)', target, value);
  target.overwrite('nn.init').fill(value);
  return target;
}

/** All elements 0. @see torch.nn.init.zeros_ */
export function zeros(target: Tensor): Tensor {
  checkArguments('nn.init.zeros(target)', target);
  return constant(target, 0);
}

/** All elements 1. @see torch.nn.init.ones_ */
export function ones(target: Tensor): Tensor {
  checkArguments('nn.init.ones(target)', target);
  return constant(target, 1);
}

/**
 * Ones on the diagonal of a matrix, zeros elsewhere.
 *
 * @throws {ShapeError} when it is not a matrix
 * @see torch.nn.init.eye_
 */
export function eye(target: Tensor): Tensor {
  checkArguments('nn.init.eye(target)', target);
  if (target.rank !== 2)
    throw new ShapeError(`only a matrix has a diagonal, not a tensor of shape ${formatShape(target.shape)}`, {
      where: 'init.eye',
    });
  const [rows, columns] = target.shape as [number, number];
  const view = constant(target, 0).view();
  for (let i = 0; i < Math.min(rows, columns); i++) view[i * columns + i] = 1;
  return target;
}

/**
 * Uniform in ±gain·√(6 / (fanIn + fanOut)), which keeps the variance of activations and gradients alike.
 *
 * @throws {ShapeError} when the tensor has fewer than two axes
 * @see Glorot & Bengio 2010; torch.nn.init.xavier_uniform_
 */
export function xavierUniform(target: Tensor, gain = 1): Tensor {
  checkArguments('nn.init.xavierUniform(target, gain?=1.0)', target, gain);
  const bound = gain * Math.sqrt(6 / sumOfFans(target, 'init.xavierUniform'));
  return target.size === 0 ? target : uniform(target, -bound, bound);
}

/** Normal of deviation gain·√(2 / (fanIn + fanOut)). As {@link xavierUniform}. @see torch.nn.init.xavier_normal_ */
export function xavierNormal(target: Tensor, gain = 1): Tensor {
  checkArguments('nn.init.xavierNormal(target, gain?=1.0)', target, gain);
  const std = gain * Math.sqrt(2 / sumOfFans(target, 'init.xavierNormal'));
  return target.size === 0 ? target : normal(target, 0, std);
}

/**
 * Uniform in ±gain·√(3 / fan), which keeps the variance through layers with this nonlinearity.
 *
 * @throws {ShapeError} when the tensor has fewer than two axes
 * @see He et al. 2015, arXiv 1502.01852; torch.nn.init.kaiming_uniform_
 */
export function kaimingUniform(target: Tensor, options: KaimingOptions = {}): Tensor {
  checkArguments(
    `nn.init.kaimingUniform(target, { nonlinearity: "relu", mode: 'fanIn'|'fanOut', a: 0.0 })`,
    target,
    options,
  );
  const bound = Math.sqrt(3) * kaimingStd(target, options, 'init.kaimingUniform');
  return target.size === 0 ? target : uniform(target, -bound, bound);
}

/** Normal of deviation gain / √fan. As {@link kaimingUniform}. @see torch.nn.init.kaiming_normal_ */
export function kaimingNormal(target: Tensor, options: KaimingOptions = {}): Tensor {
  checkArguments(
    `nn.init.kaimingNormal(target, { nonlinearity: "relu", mode: 'fanIn'|'fanOut', a: 0.0 })`,
    target,
    options,
  );
  const std = kaimingStd(target, options, 'init.kaimingNormal');
  return target.size === 0 ? target : normal(target, 0, std);
}

/** Rounds of drawing again before `truncNormal` gives up: reached only where [low, high] is far out in a tail. */
const TRUNCATION_ROUNDS = 1000;

/**
 * Normal, but what falls outside [low, high] is drawn again.
 *
 * @throws {ArgumentError} when next to nothing of the distribution lies in [low, high]
 * @see torch.nn.init.trunc_normal_
 */
export function truncNormal(target: Tensor, options: TruncNormalOptions = {}): Tensor {
  checkArguments('nn.init.truncNormal(target, { std: 0.02, mean: 0.0, low: -2.0, high: 2.0 })', target, options);
  const { mean = 0, std = 1, low = -2, high = 2 } = options;
  return scope(() => {
    normal(target, mean, std);
    const again = empty(target.shape);
    for (let round = 0; ; round++) {
      const outside: number[] = [];
      target.view().forEach((value, i) => {
        if (!(value >= low && value <= high)) outside.push(i);
      });
      if (outside.length === 0) return target;
      if (round === TRUNCATION_ROUNDS)
        throw new ArgumentError(`too few numbers of mean ${mean} and deviation ${std} lie in [${low}, ${high}]`, {
          where: 'init.truncNormal',
        });
      const drawn = normal(again, mean, std).view();
      const view = target.view();
      for (const i of outside) view[i] = drawn[i]!;
    }
  });
}

/**
 * A random matrix (the first axis by all others) whose rows, or columns if there are fewer of these, are perpendicular
 * to each other and of length `gain`; all such matrices are equally likely.
 *
 * @throws {ShapeError} when the tensor has fewer than two axes
 * @see Saxe et al. 2013, arXiv 1312.6120; torch.nn.init.orthogonal_
 */
export function orthogonal(target: Tensor, gain = 1): Tensor {
  checkArguments('nn.init.orthogonal(target, gain?=1.0)', target, gain);
  if (target.rank < 2)
    throw new ShapeError(`needs two axes or more, not ${formatShape(target.shape)}`, { where: 'init.orthogonal' });
  if (target.size === 0) return target;
  const rows = target.shape[0]!;
  const columns = target.size / rows;
  const view = normal(target).view();
  // Vectors in double precision: the rows of a wide matrix, the columns of a tall one.
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const place = (vector: number, i: number) => (rows <= columns ? vector * columns + i : i * columns + vector);
  const vectors = Array.from({ length: count }, (_, vector) =>
    Float64Array.from({ length }, (_, i) => view[place(vector, i)]!),
  );
  vectors.forEach((vector, n) => {
    // Twice: once leaves the rounding errors of nearly parallel vectors.
    for (let pass = 0; pass < 2; pass++) {
      for (const before of vectors.slice(0, n)) {
        const along = dot(vector, before);
        for (let i = 0; i < length; i++) vector[i]! -= along * before[i]!;
      }
      const norm = Math.sqrt(dot(vector, vector));
      for (let i = 0; i < length; i++) vector[i]! /= norm;
    }
    for (let i = 0; i < length; i++) view[place(n, i)] = gain * vector[i]!;
  });
  return target;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * By how much weights must be larger to make up for what a nonlinearity takes away: 1 for linear and sigmoid, 5/3 for
 * tanh, √2 for relu, √(2 / (1 + slope²)) for leakyRelu (slope 0.01 when not given), 3/4 for selu.
 *
 * @throws {ArgumentError} when there is no such nonlinearity
 * @see torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  checkArguments('nn.init.calculateGain(nonlinearity="relu", slope?=0.01)', nonlinearity, slope);
  switch (nonlinearity) {
    case 'linear':
    case 'conv2d':
    case 'convTranspose2d':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.sqrt(2);
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope * slope));
    case 'selu':
      return 3 / 4;
    default:
      throw new ArgumentError(`no gain is known for ${String(nonlinearity)}`, {
        where: 'init.calculateGain',
        hint: 'use linear, sigmoid, tanh, relu, leakyRelu or selu',
      });
  }
}

/** Inputs and outputs that each element of a weight [out, in, …window] is joined to. */
function fans(shape: Shape, where: string): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError(`a weight has two axes or more, not ${formatShape(shape)}`, {
      where,
      hint: 'biases are initialised by zeros, constant or uniform',
    });
  const window = shape.slice(2).reduce((product, length) => product * length, 1);
  return { fanIn: shape[1]! * window, fanOut: shape[0]! * window };
}

/**
 * The values that linear layers and convolutions begin with: weight and bias uniform in ±1/√fanIn.
 * (PyTorch writes it kaiming_uniform_(weight, a=√5), which is the same.) @internal
 */
export function fillByFanIn(weight: Tensor, bias: Tensor | null): void {
  checkArguments('nn.init.fillByFanIn(weight, bias=x|null)', weight, bias);
  const { fanIn } = fans(weight.shape, 'resetParameters');
  const bound = 1 / Math.sqrt(fanIn);
  uniform(weight, -bound, bound);
  if (bias !== null) uniform(bias, -bound, bound);
}

function sumOfFans(target: Tensor, where: string): number {
  const { fanIn, fanOut } = fans(target.shape, where);
  return fanIn + fanOut;
}

function kaimingStd(
  target: Tensor,
  { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions,
  where: string,
): number {
  const fan = fans(target.shape, where)[mode];
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}
