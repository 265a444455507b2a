/** The table of layers. Each row is run after `manualSeed(1)`. */
import {
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  dropout,
  elu,
  flatten,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  linear,
  logSoftmax,
  manualSeed,
  maxPool2d,
  nn,
  relu,
  rmsNorm,
  sigmoid,
  silu,
  softmax,
  softplus,
  type Tensor,
  tanh,
} from '../../src/index.js';

/** One layer: what it is made of, how it prints, and the operations that it stands for. */
export interface LayerCase<M extends nn.Module> {
  readonly make: () => M;
  readonly text: string;
  /** Shapes of its state dict, in order. */
  readonly state?: Readonly<Record<string, readonly number[]>>;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly same: (layer: M, x: Tensor) => Tensor;
}

/** Lets the compiler check each row against its own class. */
const layer = <M extends nn.Module>(row: LayerCase<M>): LayerCase<nn.Module> => row as unknown as LayerCase<nn.Module>;

export const layers = [
  layer({ make: () => new nn.Identity(), text: 'Identity()', input: [2, 3], output: [2, 3], same: (_, x) => x }),
  layer({
    make: () => new nn.Flatten(),
    text: 'Flatten(startAxis=1, endAxis=-1)',
    input: [2, 3, 4],
    output: [2, 12],
    same: (_, x) => flatten(x, { startAxis: 1 }),
  }),
  layer({
    make: () => new nn.Flatten(0, 1),
    text: 'Flatten(startAxis=0, endAxis=1)',
    input: [2, 3, 4],
    output: [6, 4],
    same: (_, x) => flatten(x, { endAxis: 1 }),
  }),
  layer({
    make: () => new nn.Linear(4, 3),
    text: 'Linear(inFeatures=4, outFeatures=3, bias=true)',
    state: { weight: [3, 4], bias: [3] },
    input: [2, 4],
    output: [2, 3],
    same: ({ weight, bias }, x) => linear(x, weight, bias),
  }),
  layer({
    make: () => new nn.Linear(4, 3, { bias: false }),
    text: 'Linear(inFeatures=4, outFeatures=3, bias=false)',
    state: { weight: [3, 4] },
    input: [5, 2, 4],
    output: [5, 2, 3],
    same: ({ weight }, x) => linear(x, weight),
  }),
  layer({
    make: () => new nn.Conv2d(2, 4, 3, { padding: 1 }),
    text: 'Conv2d(2, 4, kernelSize=[3, 3], stride=[1, 1], padding=[1, 1])',
    state: { weight: [4, 2, 3, 3], bias: [4] },
    input: [2, 2, 5, 6],
    output: [2, 4, 5, 6],
    same: ({ weight, bias }, x) => conv2d(x, weight, bias, { padding: 1 }),
  }),
  layer({
    make: () => new nn.Conv2d(2, 4, [3, 2], { padding: 'same', dilation: 2, groups: 2, bias: false }),
    text: 'Conv2d(2, 4, kernelSize=[3, 2], stride=[1, 1], padding=same, dilation=[2, 2], groups=2, bias=false)',
    state: { weight: [4, 1, 3, 2] },
    input: [2, 2, 5, 6],
    output: [2, 4, 5, 6],
    same: ({ weight }, x) => conv2d(x, weight, null, { padding: 'same', dilation: 2, groups: 2 }),
  }),
  layer({
    make: () => new nn.Conv2d(2, 4, 2, { stride: [2, 1] }),
    text: 'Conv2d(2, 4, kernelSize=[2, 2], stride=[2, 1])',
    state: { weight: [4, 2, 2, 2], bias: [4] },
    input: [2, 6, 6],
    output: [4, 3, 5],
    same: ({ weight, bias }, x) => conv2d(x, weight, bias, { stride: [2, 1] }),
  }),
  layer({
    make: () => new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    text: 'ConvTranspose2d(4, 2, kernelSize=[3, 3], stride=[2, 2], padding=[1, 1], outputPadding=[1, 1], groups=2)',
    state: { weight: [4, 1, 3, 3], bias: [2] },
    input: [2, 4, 3, 4],
    output: [2, 2, 6, 8],
    same: ({ weight, bias }, x) =>
      convTranspose2d(x, weight, bias, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
  }),
  layer({
    make: () => new nn.ConvTranspose2d(1, 2, 3, { dilation: [1, 2], bias: false }),
    text: 'ConvTranspose2d(1, 2, kernelSize=[3, 3], stride=[1, 1], dilation=[1, 2], bias=false)',
    state: { weight: [1, 2, 3, 3] },
    input: [1, 1, 3, 3],
    output: [1, 2, 5, 7],
    same: ({ weight }, x) => convTranspose2d(x, weight, null, { dilation: [1, 2] }),
  }),
  layer({
    make: () => new nn.BatchNorm1d(3),
    text: 'BatchNorm1d(3, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=true)',
    state: { weight: [3], bias: [3], running_mean: [3], running_var: [3], num_batches_tracked: [] },
    input: [4, 3],
    output: [4, 3],
    same: ({ weight, bias }, x) => batchNorm(x, { weight, bias, training: true }),
  }),
  layer({
    make: () => new nn.BatchNorm1d(3, { affine: false, eps: 0.5, momentum: null }),
    text: 'BatchNorm1d(3, eps=0.5, momentum=null, affine=false, trackRunningStats=true)',
    state: { running_mean: [3], running_var: [3], num_batches_tracked: [] },
    input: [4, 3, 2],
    output: [4, 3, 2],
    same: (_, x) => batchNorm(x, { training: true, eps: 0.5 }),
  }),
  layer({
    make: () => new nn.BatchNorm2d(2, { trackRunningStats: false }).eval(),
    text: 'BatchNorm2d(2, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=false)',
    state: { weight: [2], bias: [2] },
    input: [3, 2, 4, 5],
    output: [3, 2, 4, 5],
    same: ({ weight, bias }, x) => batchNorm(x, { weight, bias, training: true }),
  }),
  layer({
    make: () => new nn.BatchNorm2d(2).eval(),
    text: 'BatchNorm2d(2, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=true)',
    state: { weight: [2], bias: [2], running_mean: [2], running_var: [2], num_batches_tracked: [] },
    input: [3, 2, 4, 5],
    output: [3, 2, 4, 5],
    same: ({ weight, bias, runningMean, runningVar }, x) => batchNorm(x, { weight, bias, runningMean, runningVar }),
  }),
  layer({
    make: () => new nn.LayerNorm(5),
    text: 'LayerNorm([5], eps=0.00001, elementwiseAffine=true)',
    state: { weight: [5], bias: [5] },
    input: [2, 3, 5],
    output: [2, 3, 5],
    same: ({ weight, bias }, x) => layerNorm(x, 5, { weight, bias }),
  }),
  layer({
    make: () => new nn.LayerNorm([3, 5], { elementwiseAffine: false, eps: 0.5 }),
    text: 'LayerNorm([3, 5], eps=0.5, elementwiseAffine=false)',
    input: [2, 3, 5],
    output: [2, 3, 5],
    same: (_, x) => layerNorm(x, [3, 5], { eps: 0.5 }),
  }),
  layer({
    make: () => new nn.GroupNorm(2, 4),
    text: 'GroupNorm(2, 4, eps=0.00001, affine=true)',
    state: { weight: [4], bias: [4] },
    input: [2, 4, 3],
    output: [2, 4, 3],
    same: ({ weight, bias }, x) => groupNorm(x, 2, { weight, bias }),
  }),
  layer({
    make: () => new nn.GroupNorm(3, 6, { affine: false, eps: 0.5 }),
    text: 'GroupNorm(3, 6, eps=0.5, affine=false)',
    input: [2, 6],
    output: [2, 6],
    same: (_, x) => groupNorm(x, 3, { eps: 0.5 }),
  }),
  layer({
    make: () => new nn.Dropout().eval(),
    text: 'Dropout(p=0.5)',
    input: [4, 5],
    output: [4, 5],
    same: (_, x) => x,
  }),
  layer({
    make: () => new nn.Dropout(0.3),
    text: 'Dropout(p=0.3)',
    input: [40, 5],
    output: [40, 5],
    // The same draw again: it is the first of the dropout stream in each case.
    same: (_, x) => {
      manualSeed(1);
      return dropout(x, 0.3);
    },
  }),
  layer({
    make: () => new nn.MaxPool2d(2),
    text: 'MaxPool2d(kernelSize=[2, 2], stride=[2, 2])',
    input: [2, 3, 5, 6],
    output: [2, 3, 2, 3],
    same: (_, x) => maxPool2d(x, 2),
  }),
  layer({
    make: () => new nn.MaxPool2d([3, 2], { stride: 1, padding: [1, 0], dilation: [1, 2], ceilMode: true }),
    text: 'MaxPool2d(kernelSize=[3, 2], stride=[1, 1], padding=[1, 0], dilation=[1, 2], ceilMode=true)',
    input: [1, 2, 5, 6],
    output: [1, 2, 5, 4],
    same: (_, x) => maxPool2d(x, [3, 2], { stride: 1, padding: [1, 0], dilation: [1, 2], ceilMode: true }),
  }),
  layer({
    make: () => new nn.AvgPool2d(2),
    text: 'AvgPool2d(kernelSize=[2, 2], stride=[2, 2])',
    input: [2, 3, 5, 6],
    output: [2, 3, 2, 3],
    same: (_, x) => avgPool2d(x, 2),
  }),
  layer({
    make: () => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    text: 'AvgPool2d(kernelSize=[3, 3], stride=[2, 2], padding=[1, 1], ceilMode=true, countIncludePad=false)',
    input: [1, 2, 6, 6],
    output: [1, 2, 4, 4],
    same: (_, x) => avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
  }),
  layer({
    make: () => new nn.AvgPool2d(2, { divisorOverride: 3 }),
    text: 'AvgPool2d(kernelSize=[2, 2], stride=[2, 2], divisorOverride=3)',
    input: [1, 2, 2],
    output: [1, 1, 1],
    same: (_, x) => avgPool2d(x, 2, { divisorOverride: 3 }),
  }),
  layer({
    make: () => new nn.AdaptiveAvgPool2d([2, 3]),
    text: 'AdaptiveAvgPool2d(outputSize=[2, 3])',
    input: [2, 3, 5, 7],
    output: [2, 3, 2, 3],
    same: (_, x) => adaptiveAvgPool2d(x, [2, 3]),
  }),
  layer({ make: () => new nn.ReLU(), text: 'ReLU()', input: [2, 3], output: [2, 3], same: (_, x) => relu(x) }),
  layer({
    make: () => new nn.LeakyReLU(),
    text: 'LeakyReLU(negativeSlope=0.01)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => leakyRelu(x),
  }),
  layer({
    make: () => new nn.LeakyReLU(0.2),
    text: 'LeakyReLU(negativeSlope=0.2)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => leakyRelu(x, 0.2),
  }),
  layer({ make: () => new nn.ELU(), text: 'ELU(alpha=1)', input: [2, 3], output: [2, 3], same: (_, x) => elu(x) }),
  layer({
    make: () => new nn.ELU(0.5),
    text: 'ELU(alpha=0.5)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => elu(x, 0.5),
  }),
  layer({
    make: () => new nn.GELU(),
    text: 'GELU(approximate=none)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => gelu(x),
  }),
  layer({
    make: () => new nn.GELU({ approximate: 'tanh' }),
    text: 'GELU(approximate=tanh)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => gelu(x, { approximate: 'tanh' }),
  }),
  layer({ make: () => new nn.SiLU(), text: 'SiLU()', input: [2, 3], output: [2, 3], same: (_, x) => silu(x) }),
  layer({
    make: () => new nn.Softplus(),
    text: 'Softplus(beta=1, threshold=20)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => softplus(x),
  }),
  layer({
    make: () => new nn.Softplus({ beta: 2, threshold: 1 }),
    text: 'Softplus(beta=2, threshold=1)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => softplus(x, { beta: 2, threshold: 1 }),
  }),
  layer({ make: () => new nn.Sigmoid(), text: 'Sigmoid()', input: [2, 3], output: [2, 3], same: (_, x) => sigmoid(x) }),
  layer({
    make: () => new nn.Softmax(),
    text: 'Softmax(axis=-1)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => softmax(x),
  }),
  layer({
    make: () => new nn.Softmax(0),
    text: 'Softmax(axis=0)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => softmax(x, 0),
  }),
  layer({
    make: () => new nn.LogSoftmax(1),
    text: 'LogSoftmax(axis=1)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => logSoftmax(x, 1),
  }),
  layer({ make: () => new nn.Tanh(), text: 'Tanh()', input: [2, 3], output: [2, 3], same: (_, x) => tanh(x) }),
  layer({
    make: () => new nn.Residual(new nn.ReLU()),
    text: 'Residual(\n  (body): ReLU()\n  (shortcut): Identity()\n)',
    input: [2, 3],
    output: [2, 3],
    same: (_, x) => add(relu(x), x),
  }),
  layer({
    make: () => new nn.Residual(new nn.Linear(3, 2), new nn.Linear(3, 2, { bias: false })),
    text:
      'Residual(\n  (body): Linear(inFeatures=3, outFeatures=2, bias=true)\n  (shortcut): ' +
      'Linear(inFeatures=3, outFeatures=2, bias=false)\n)',
    state: { 'body.weight': [2, 3], 'body.bias': [2], 'shortcut.weight': [2, 3] },
    input: [2, 3],
    output: [2, 2],
    same: ({ body, shortcut }, x) => add(body.forward(x), shortcut.forward(x)),
  }),
  layer({
    make: () =>
      new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0, normFirst: true, batchFirst: true }),
    text:
      'TransformerEncoderLayer(\n  normFirst=true\n  ' +
      '(self_attn): MultiheadAttention(\n    4, 2, batchFirst=true\n    ' +
      '(out_proj): Linear(inFeatures=4, outFeatures=4, bias=true)\n  )\n  ' +
      '(linear1): Linear(inFeatures=4, outFeatures=6, bias=true)\n  (dropout): Dropout(p=0)\n  ' +
      '(linear2): Linear(inFeatures=6, outFeatures=4, bias=true)\n  ' +
      '(norm1): LayerNorm([4], eps=0.00001, elementwiseAffine=true)\n  ' +
      '(norm2): LayerNorm([4], eps=0.00001, elementwiseAffine=true)\n  ' +
      '(dropout1): Dropout(p=0)\n  (dropout2): Dropout(p=0)\n)',
    state: {
      'self_attn.in_proj_weight': [12, 4],
      'self_attn.in_proj_bias': [12],
      'self_attn.out_proj.weight': [4, 4],
      'self_attn.out_proj.bias': [4],
      'linear1.weight': [6, 4],
      'linear1.bias': [6],
      'linear2.weight': [4, 6],
      'linear2.bias': [4],
      'norm1.weight': [4],
      'norm1.bias': [4],
      'norm2.weight': [4],
      'norm2.bias': [4],
    },
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: ({ selfAttn, norm1, norm2, linear1, linear2 }, x) => {
      const normal = norm1.forward(x);
      const z = add(x, selfAttn.forward(normal, normal, normal)[0]);
      return add(z, linear2.forward(relu(linear1.forward(norm2.forward(z)))));
    },
  }),
  layer({
    make: () => new nn.RMSNorm([3, 4]),
    text: 'RMSNorm([3, 4], eps=null, elementwiseAffine=true)',
    state: { weight: [3, 4] },
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: ({ weight }, x) => rmsNorm(x, [3, 4], { weight }),
  }),
  layer({
    make: () => new nn.RMSNorm(4, { eps: 0.1, elementwiseAffine: false }),
    text: 'RMSNorm([4], eps=0.1, elementwiseAffine=false)',
    input: [2, 4],
    output: [2, 4],
    same: (_, x) => rmsNorm(x, 4, { eps: 0.1 }),
  }),
  layer({
    make: () => new nn.InstanceNorm1d(3, { affine: true }),
    text: 'InstanceNorm1d(3, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=false)',
    state: { weight: [3], bias: [3] },
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: ({ weight, bias }, x) => groupNorm(x, 3, { weight, bias }),
  }),
  layer({
    make: () => new nn.InstanceNorm2d(2),
    text: 'InstanceNorm2d(2, eps=0.00001, momentum=0.1, affine=false, trackRunningStats=false)',
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: (_, x) => groupNorm(x.unsqueeze(0), 2).squeeze(0),
  }),
];
