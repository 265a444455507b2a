/** The table of optimizers: each with settings that take every path of its update. */
import { optim, type Tensor, tensor } from '../../src/index.js';

/** The names of the optimizers: of the exported classes that have defaults. */
export type Kind = {
  [Name in keyof typeof optim]: (typeof optim)[Name] extends { readonly defaults: object } ? Name : never;
}[keyof typeof optim];

export const make = (kind: Kind, params: optim.Optimizable<never>, options: object) =>
  new (optim[kind] as new (params: unknown, options: object) => optim.Optimizer)(params, options);

export const optimizers: readonly (readonly [Kind, object])[] = [
  ['SGD', { lr: 0.1 }],
  ['SGD', { lr: 0.1, weightDecay: 0.05, maximize: true }],
  ['SGD', { lr: 0.1, momentum: 0.9 }],
  ['SGD', { lr: 0.05, momentum: 0.8, dampening: 0.3, weightDecay: 0.01 }],
  ['SGD', { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }],
  ['Adam', {}],
  ['Adam', { lr: 0.05, weightDecay: 0.1 }],
  ['Adam', { lr: 0.05, betas: [0.7, 0.9], eps: 1e-3, maximize: true }],
  ['Adam', { lr: 0.05, amsgrad: true }],
  ['AdamW', {}],
  ['AdamW', { lr: 0.05, weightDecay: 0.1, amsgrad: true, maximize: true }],
  ['Adadelta', {}],
  ['Adadelta', { lr: 0.5, rho: 0.8, eps: 1e-4, weightDecay: 0.1, maximize: true }],
  ['Adagrad', {}],
  ['Adagrad', { lr: 0.1, lrDecay: 0.1, weightDecay: 0.05, initialAccumulatorValue: 0.3, eps: 1e-3, maximize: true }],
  ['NAdam', {}],
  ['NAdam', { lr: 0.05, betas: [0.7, 0.9], eps: 1e-3, weightDecay: 0.1, momentumDecay: 0.3, maximize: true }],
  ['NAdam', { lr: 0.05, weightDecay: 0.1, decoupledWeightDecay: true }],
  ['RAdam', {}],
  ['RAdam', { lr: 0.05, betas: [0.7, 0.9], eps: 1e-3, weightDecay: 0.1, maximize: true }],
  ['RAdam', { lr: 0.05, weightDecay: 0.1, decoupledWeightDecay: true }],
  ['RMSprop', {}],
  ['RMSprop', { lr: 0.05, alpha: 0.8, weightDecay: 0.05 }],
  ['RMSprop', { lr: 0.02, momentum: 0.7 }],
  ['RMSprop', { lr: 0.02, alpha: 0.9, momentum: 0.7, centered: true, eps: 1e-3, maximize: true }],
];

const shapes = [[3, 5], [1], [4], [0], [7]];

/** Parameters of several shapes, with values in [−1, 1). */
export const start = (random: () => number) =>
  shapes.map((shape) =>
    tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1),
      { shape, requiresGrad: true },
    ),
  );

/** Gives every parameter a new gradient, with values in [−1, 1). */
export function setGradients(params: readonly Tensor[], random: () => number): void {
  for (const param of params) {
    param.zeroGrad();
    param.grad = tensor(
      Float32Array.from({ length: param.size }, () => 2 * random() - 1),
      { shape: param.shape },
    ).keep();
  }
}
