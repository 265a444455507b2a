import { einsum, linear, matmul } from '../../src/index.js';
import { type Run, testOperations } from './support.js';

const runs = {
  matmul: ([a, b]) => matmul(a!, b!),
  linear: ([x, weight, bias]) => linear(x!, weight!, bias),
  einsum: (operands, { equation }: { equation: string }) => einsum(equation, ...operands),
} satisfies Record<string, Run>;

// Sums of up to 64 products, in an order of their own.
testOperations('matmul', runs, { ofLargest: 1e-6 });
