// The whole kernel surface: export lines, nothing else.
export * from './memory';
export * from './elementwise/arithmetic';
export * from './elementwise/basic';
export * from './elementwise/broadcast';
export * from './elementwise/cast';
export * from './elementwise/relu';
export { u32_philox } from './random/philox';
export * from './random/uniform';
export * from './random/normal';
export * from './random/integers';
export * from './movement/copy';
export * from './gemm/gemm';
export * from './gemm/column_sum';
export * from './conv/forward';
export * from './conv/backward_input';
export * from './conv/backward_weight';
export * from './conv/channel_sum';
export * from './gemm/skip';
