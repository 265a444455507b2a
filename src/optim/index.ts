/**
 * Optimizers, schedulers of the learning rate, and the clipping of gradients.
 *
 * @module optim
 */
export { Optimizer, type CommonOptions, type Optimizable, type ParamGroup, type ParamGroupInput } from './optimizer.js';
export type { OptimizerState, ParamState, StateLayout } from './state.js';
export type { Rule, Rules } from './rules.js';
export { SGD, type SGDOptions } from './sgd.js';
export { Adam, AdamW, type AdamOptions } from './adam.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';

// Schedulers.
export { Scheduler, type SchedulerState } from './schedulers/scheduler.js';
export { StepLR, type StepLROptions } from './schedulers/stepLR.js';
export { MultiStepLR, type MultiStepLROptions } from './schedulers/multiStepLR.js';
export { ExponentialLR, type ExponentialLROptions } from './schedulers/exponentialLR.js';
export { CosineAnnealingLR, type CosineAnnealingLROptions } from './schedulers/cosineAnnealingLR.js';
export { LambdaLR, type LambdaLROptions } from './schedulers/lambdaLR.js';
export { LinearLR, type LinearLROptions } from './schedulers/linearLR.js';
export { OneCycleLR, type OneCycleLROptions } from './schedulers/oneCycleLR.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './schedulers/reduceLROnPlateau.js';
export { SequentialLR, type SequentialLROptions } from './schedulers/sequentialLR.js';

export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from './clip.js';
