import { glu, hardswish, logSigmoid, mish, prelu, relu6, selu, type Tensor } from '../../src/index.js';
import { type Run, testOperations } from './support.js';

const unary =
  (f: (x: Tensor) => Tensor): Run =>
  ([x]) =>
    f(x!);

const runs = {
  logSigmoid: unary(logSigmoid),
  relu6: unary(relu6),
  hardswish: unary(hardswish),
  mish: unary(mish),
  selu: unary(selu),
  glu: ([x], { axis }: { axis?: number }) => glu(x!, axis),
  prelu: ([x, weight]) => prelu(x!, weight!),
} satisfies Record<string, Run>;

// A few roundings of each element; of numbers of the size of the largest one, where terms cancel.
testOperations('activations', runs, { ofEach: 1e-6, absolute: 3e-7, ofLargest: 3e-7 });
