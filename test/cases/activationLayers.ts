/** Rows of the table of layers: activations that are made of other operations. */
import { glu, hardswish, leakyRelu, logSigmoid, mish, nn, relu6, selu } from '../../src/index.js';
import { layer } from '../support/layerCase.js';

const shapes = { input: [2, 3], output: [2, 3] };

export const activationLayers = [
  layer({ ...shapes, make: () => new nn.LogSigmoid(), text: 'LogSigmoid()', same: (_, x) => logSigmoid(x) }),
  layer({ ...shapes, make: () => new nn.ReLU6(), text: 'ReLU6()', same: (_, x) => relu6(x) }),
  layer({ ...shapes, make: () => new nn.Hardswish(), text: 'Hardswish()', same: (_, x) => hardswish(x) }),
  layer({ ...shapes, make: () => new nn.Mish(), text: 'Mish()', same: (_, x) => mish(x) }),
  layer({ ...shapes, make: () => new nn.SELU(), text: 'SELU()', same: (_, x) => selu(x) }),
  layer({ make: () => new nn.GLU(), text: 'GLU(axis=-1)', input: [3, 4], output: [3, 2], same: (_, x) => glu(x) }),
  layer({ make: () => new nn.GLU(0), text: 'GLU(axis=0)', input: [4, 3], output: [2, 3], same: (_, x) => glu(x, 0) }),
  layer({
    ...shapes,
    make: () => new nn.PReLU(),
    text: 'PReLU(numParameters=1)',
    state: { weight: [1] },
    same: (_, x) => leakyRelu(x, 0.25),
  }),
  layer({
    make: () => new nn.PReLU({ numParameters: 3, init: 0.5 }),
    text: 'PReLU(numParameters=3)',
    state: { weight: [3] },
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: (_, x) => leakyRelu(x, 0.5),
  }),
];
