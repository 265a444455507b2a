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
export { CosineAnnealingLR, type CosineAnnealingLROptions } from './schedulers/cosineAnnealingLR.js';
export { ExponentialLR, type ExponentialLROptions } from './schedulers/exponentialLR.js';
export { LambdaLR, type LambdaLROptions } from './schedulers/lambdaLR.js';
export { LinearLR, type LinearLROptions } from './schedulers/linearLR.js';
export { MultiStepLR, type MultiStepLROptions } from './schedulers/multiStepLR.js';
export { OneCycleLR, type OneCycleLROptions } from './schedulers/oneCycleLR.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './schedulers/reduceLROnPlateau.js';
// Schedulers.
export { Scheduler, type SchedulerState } from './schedulers/scheduler.js';
export { SequentialLR, type SequentialLROptions } from './schedulers/sequentialLR.js';
export { StepLR, type StepLROptions } from './schedulers/stepLR.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerState, ParamState, StateLayout } from './state.js';
