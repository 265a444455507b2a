/** Layers of sequences, attention and the normalisations that came with them. */
import {
  adaptiveAvgPool1d,
  add,
  avgPool1d,
  conv1d,
  convTranspose1d,
  groupNorm,
  maxPool1d,
  nn,
  pad,
  relu,
  rmsNorm,
  zeros,
} from '../../src/index.js';
import { layer } from '../support/layerCase.js';

export const sequenceLayers = [
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
  layer({
    make: () => new nn.Conv1d(2, 4, 3, { padding: 1, stride: 2 }),
    text: 'Conv1d(2, 4, kernelSize=[3], stride=[2], padding=1)',
    state: { weight: [4, 2, 3], bias: [4] },
    input: [2, 2, 7],
    output: [2, 4, 4],
    same: ({ weight, bias }, x) => conv1d(x, weight, bias, { padding: 1, stride: 2 }),
  }),
  layer({
    make: () => new nn.Conv1d(2, 4, 2, { padding: 'same', dilation: 2, groups: 2, bias: false }),
    text: 'Conv1d(2, 4, kernelSize=[2], stride=[1], padding=same, dilation=[2], groups=2, bias=false)',
    state: { weight: [4, 1, 2] },
    input: [2, 5],
    output: [4, 5],
    same: ({ weight }, x) => conv1d(x, weight, null, { padding: 'same', dilation: 2, groups: 2 }),
  }),
  layer({
    make: () => new nn.Conv1d(2, 3, 3, { padding: 1, paddingMode: 'replicate' }),
    text: 'Conv1d(2, 3, kernelSize=[3], stride=[1], padding=1, paddingMode=replicate)',
    state: { weight: [3, 2, 3], bias: [3] },
    input: [2, 2, 4],
    output: [2, 3, 4],
    same: ({ weight, bias }, x) => conv1d(pad(x, [1, 1], { mode: 'replicate' }), weight, bias),
  }),
  layer({
    make: () => new nn.ConvTranspose1d(2, 3, 3, { stride: 2, outputPadding: 1 }),
    text: 'ConvTranspose1d(2, 3, kernelSize=[3], stride=[2], outputPadding=1)',
    state: { weight: [2, 3, 3], bias: [3] },
    input: [1, 2, 3],
    output: [1, 3, 8],
    same: ({ weight, bias }, x) => convTranspose1d(x, weight, bias, { stride: 2, outputPadding: 1 }),
  }),
  layer({
    make: () => new nn.MaxPool1d(2, { padding: 1 }),
    text: 'MaxPool1d(kernelSize=2, stride=2, padding=1)',
    input: [2, 2, 6],
    output: [2, 2, 4],
    same: (_, x) => maxPool1d(x, 2, { padding: 1 }),
  }),
  layer({
    make: () => new nn.AvgPool1d(3, { stride: 1 }),
    text: 'AvgPool1d(kernelSize=3, stride=1)',
    input: [2, 2, 6],
    output: [2, 2, 4],
    same: (_, x) => avgPool1d(x, 3, { stride: 1 }),
  }),
  layer({
    make: () => new nn.AdaptiveAvgPool1d(2),
    text: 'AdaptiveAvgPool1d(outputSize=2)',
    input: [2, 5],
    output: [2, 2],
    same: (_, x) => adaptiveAvgPool1d(x, 2),
  }),
  layer({
    make: () => new nn.SinusoidalPositions(4, { batchFirst: true }),
    text: 'SinusoidalPositions(4, batchFirst=true)',
    input: [2, 3, 4],
    output: [2, 3, 4],
    same: (positions, x) => add(x, positions.forward(zeros([3, 4]))),
  }),
];
