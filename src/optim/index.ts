// Every optimizer, one file each.
export { Optimizer, type CommonOptions, type OptimizerState, type Optimizable, type ParamGroup, type ParamGroupInput, type ParamState, type StateLayout } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
export { Adam, AdamW, type AdamOptions } from './adam.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
