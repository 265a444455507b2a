/**
 * Optimizers, schedulers of the learning rate, and the clipping of gradients.
 *
 * @module optim
 */

export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from './clip.js';
export { NAdam, type NAdamOptions } from './nadam.js';
export { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type ParamGroupInput } from './optimizer.js';
export { RAdam, type RAdamOptions } from './radam.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { ConstantLR, type ConstantLROptions } from './schedulers/constantLR.js';
export { CosineAnnealingLR, type CosineAnnealingLROptions } from './schedulers/cosineAnnealingLR.js';
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from './schedulers/cosineAnnealingWarmRestarts.js';
export type { MomentumOptions } from './schedulers/cycleLR.js';
export { CyclicLR, type CyclicLROptions } from './schedulers/cyclicLR.js';
export { ExponentialLR, type ExponentialLROptions } from './schedulers/exponentialLR.js';
export { LambdaLR, type LambdaLROptions } from './schedulers/lambdaLR.js';
export { LinearLR, type LinearLROptions } from './schedulers/linearLR.js';
export { MultiStepLR, type MultiStepLROptions } from './schedulers/multiStepLR.js';
export { OneCycleLR, type OneCycleLROptions } from './schedulers/oneCycleLR.js';
export { PolynomialLR, type PolynomialLROptions } from './schedulers/polynomialLR.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './schedulers/reduceLROnPlateau.js';
// Schedulers.
export { Scheduler, type SchedulerState } from './schedulers/scheduler.js';
export { SequentialLR, type SequentialLROptions } from './schedulers/sequentialLR.js';
export { StepLR, type StepLROptions } from './schedulers/stepLR.js';
export { SWALR, type SWALROptions } from './schedulers/swaLR.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerState, ParamState, StateLayout } from './state.js';
