// Every operation, one file each.
export { relu } from './relu.js';
export { rand, randn, randint, randperm, bernoulli, fillUniform, fillNormal, type RandomOptions, type MaskOptions } from './random.js';
