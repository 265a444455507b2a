/** Networks computed plainly: the layers one after the other. */
import type { Inputs } from '../inputs.js';
import { shapeAfter } from '../networks.js';
import type { Layer, Work } from '../work.js';
import { convolution, EPS, linear, memoize, type Numbers, type PlainOutputs, pool, product, sum } from './layers.js';

/** Samples of an inference case that are computed. */
const INFERRED = 2;

/** The logits of the first samples; the running statistics of batch normalisation are mean 0 and variance 1. */
export function inference({ network, batch }: Extract<Work, { kind: 'infer' }>, inputs: Inputs): PlainOutputs {
  const forward = memoize((n: number) => {
    let next = 0;
    const parameter = () => inputs[`p${next++}`]!.data;
    const size = product(network.input);
    const walk = (layers: readonly Layer[], x: Numbers, shape: readonly number[]): Numbers => {
      let [values, at] = [x, shape];
      for (const spec of layers) {
        const [from, from0] = [values, at];
        const after = shapeAfter(spec, at);
        const [, height = 0, width = 0] = from0;
        switch (spec.layer) {
          case 'linear': {
            const named: Readonly<Record<string, Numbers>> = {
              x: from,
              weight: parameter(),
              bias: parameter(),
              dy: [],
            };
            values = all(
              linear(
                { kind: 'linear', pass: 'forward', rows: 1, in: spec.in, out: spec.out, samples: 'random' },
                (name) => named[name]!,
              ),
            );
            break;
          }
          case 'conv': {
            const named: Readonly<Record<string, Numbers>> = {
              x: from,
              weight: parameter(),
              bias: spec.bias ? parameter() : new Float64Array(spec.out),
              dy: [],
            };
            values = all(
              convolution(
                { kind: 'conv', pass: 'forward', images: 1, channels: spec.in, height, width, ...spec },
                (name) => named[name]!,
              ),
            );
            break;
          }
          case 'batchNorm': {
            const [scale, shift] = [parameter(), parameter()];
            const spatial = from.length / spec.channels;
            values = Float64Array.from(
              from,
              (value, p) =>
                (value / Math.sqrt(1 + EPS)) * scale[Math.floor(p / spatial)]! + shift[Math.floor(p / spatial)]!,
            );
            break;
          }
          case 'relu':
            values = Float64Array.from(from, (value) => Math.max(0, value));
            break;
          case 'maxPool':
          case 'averagePool':
            values = all(pool(spec.layer, 'forward', [1, ...from0], (name) => (name === 'x' ? from : [])));
            break;
          case 'globalAveragePool':
            values = Float64Array.from(
              { length: after[0]! },
              (_, c) => sum(height * width, (i) => from[c * height * width + i]!) / (height * width),
            );
            break;
          case 'flatten':
            break;
          case 'lstm':
          case 'block':
          case 'meanOverSteps':
            throw new Error(`${spec.layer} has no plain form: it is in training cases only`);
          case 'residual': {
            const body = walk(spec.body, from, from0);
            const shortcut = walk(spec.shortcut, from, from0);
            values = Float64Array.from(body, (value, p) => value + shortcut[p]!);
            break;
          }
        }
        at = after;
      }
      return values;
    };
    return walk(network.layers, (inputs.x!.data as Float32Array).subarray(n * size, (n + 1) * size), network.input);
  });
  const classes = 10;
  return {
    y: { size: Math.min(batch, INFERRED) * classes, at: (p) => forward(Math.floor(p / classes))[p % classes]! },
  };
}

function all(outputs: PlainOutputs): Float64Array {
  const { size, at } = outputs.y!;
  return Float64Array.from({ length: size }, (_, p) => at(p));
}
