// Every operation, one file each.
export { add, sub, mul, div } from './arithmetic.js';
export type { Operand } from './binary.js';
export { broadcastTo } from './broadcast.js';
export { cast } from './cast.js';
export { exp } from './exp.js';
export { log } from './log.js';
export { neg } from './neg.js';
export { relu } from './relu.js';
export { rand, randn, randint, randperm, bernoulli, fillUniform, fillNormal, type RandomOptions, type MaskOptions } from './random.js';
export { reshape, flatten, squeeze, unsqueeze, type FlattenOptions } from './reshape.js';
export { permute, transpose } from './permute.js';
export { slice, select, split, type SliceOptions } from './slice.js';
export { concat, stack } from './concat.js';
export { pad } from './pad.js';
export { flip } from './flip.js';
export { matmul } from './matmul.js';
export { linear } from './linear.js';
