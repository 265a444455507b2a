/** Operations that a ReLU follows in the same pass. */

import { fusedConv2d } from '../../src/ops/conv/conv2d.js';
import { addRelu } from '../../src/ops/elementwise/addRelu.js';
import { fusedLinear } from '../../src/ops/gemm/linear.js';
import type { Case } from '../support/case.js';
import { map, type Reference } from '../support/reference.js';
import { convolutions, convTwin } from './conv.js';
import { gemm } from './gemm.js';

const relu = (y: Reference) => map(y, (value) => Math.max(value, 0));

export const fused: readonly Case[] = [
  ...gemm
    .filter(({ name }) => name.startsWith('linear'))
    .map(
      ({ name, inputs, twin }): Case => ({
        name: `${name}, ReLU`,
        inputs,
        run: (x, weight, bias) => fusedLinear(x!, weight!, bias ?? null, true),
        twin: (...operands) => relu(twin(...operands)),
      }),
    ),
  ...convolutions.map(
    ([x, weight, options]): Case => ({
      name: `conv2d of [${x}] with [${weight}] ${JSON.stringify(options)}, ReLU`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[0]] }],
      run: (input, filter, bias) => fusedConv2d(input!, filter!, bias!, options, true),
      twin: (...operands) => relu(convTwin(options)(...(operands as [Reference, Reference, Reference]))),
    }),
  ),
  ...[[1], [5], [3, 7], [2, 3, 33], [0, 3]].map(
    (shape): Case => ({
      name: `addRelu of [${shape}]`,
      inputs: [{ shape }, { shape }],
      run: addRelu,
      twin: (a, b) => map(a, (value, i) => Math.max(value + b.data[i]!, 0)),
    }),
  ),
];
