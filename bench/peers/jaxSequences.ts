/** The layers of sequences in jax-js's terms. It has no loop that is compiled once, so steps are written one by one. */
import type { SequenceLayer } from '../sequences.js';

/** The part of @jax-js/jax that is used here; the package is optional, and so are its types. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: number[];
  dispose(): void;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  sum(axis?: number | number[] | null, options?: { keepdims?: boolean }): JaxArray;
  reshape(shape: number[]): JaxArray;
  transpose(order?: number[]): JaxArray;
  slice(...index: (number | [] | [number, number])[]): JaxArray;
  dataSync(): Float32Array;
  blockUntilReady(): Promise<JaxArray>;
}
export type Padding = [number, number][];
export interface Jax {
  init(device: 'wasm'): Promise<string[]>;
  defaultDevice(device: 'wasm'): void;
  jit<F>(f: F): F;
  valueAndGrad(
    f: (parameters: JaxArray[], x: JaxArray, targets: JaxArray) => JaxArray,
  ): (parameters: JaxArray[], x: JaxArray, targets: JaxArray) => [JaxArray, JaxArray[]];
  readonly numpy: {
    readonly int32: unknown;
    array(
      data: Float32Array | Int32Array | Uint8Array,
      options?: { shape?: readonly number[]; dtype?: unknown },
    ): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axis?: number | number[] | null, options?: { keepdims?: boolean }): JaxArray;
    max(x: JaxArray, axis: number | number[]): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    tanh(x: JaxArray): JaxArray;
  };
  readonly nn: {
    relu(x: JaxArray): JaxArray;
    sigmoid(x: JaxArray): JaxArray;
    gelu(x: JaxArray, options: { approximate: boolean }): JaxArray;
    standardize(x: JaxArray, axis: number): JaxArray;
    softmax(x: JaxArray, axis: number): JaxArray;
    logSoftmax(x: JaxArray, axis: number): JaxArray;
    oneHot(x: JaxArray, classes: number): JaxArray;
  };
  readonly lax: { convGeneralDilated(x: JaxArray, kernel: JaxArray, strides: number[], padding: Padding): JaxArray };
}

/** Applies a layer to x [batch, steps, width]; takes x and the parameters over. */
export function sequenceLayer(
  { nn, numpy }: Jax,
  spec: SequenceLayer,
  x: JaxArray,
  parameter: () => JaxArray,
): JaxArray {
  const [batch, steps, width] = x.shape as [number, number, number];
  const linear = (from: JaxArray, weight: JaxArray, bias: JaxArray) => numpy.matmul(from, weight.transpose()).add(bias);
  switch (spec.layer) {
    case 'meanOverSteps':
      return numpy.mean(x, 1);
    case 'lstm': {
      const { hidden } = spec;
      const [weightIh, weightHh] = [parameter(), parameter().transpose()];
      const gates = linear(x, weightIh, parameter().add(parameter()));
      let h = numpy.zeros([batch, hidden]);
      let c = numpy.zeros([batch, hidden]);
      for (let t = 0; t < steps; t++) {
        const a = gates.ref.slice([], t).add(numpy.matmul(h, weightHh.ref));
        const gate = (i: number) => a.ref.slice([], [i * hidden, (i + 1) * hidden]);
        c = nn
          .sigmoid(gate(1))
          .mul(c)
          .add(nn.sigmoid(gate(0)).mul(numpy.tanh(gate(2))));
        h = nn.sigmoid(gate(3)).mul(numpy.tanh(c.ref));
        a.dispose();
      }
      for (const array of [gates, weightHh, c]) array.dispose();
      return h;
    }
    case 'block': {
      const all = Array.from({ length: 12 }, parameter);
      const normalised = (from: JaxArray, at: number) =>
        nn
          .standardize(from, -1)
          .mul(all[at]!)
          .add(all[at + 1]!);
      const qkv = linear(normalised(x.ref, 8), all[0]!, all[1]!);
      const part = (i: number, order: number[]) =>
        qkv.ref
          .slice([], [], [i * width, (i + 1) * width])
          .reshape([batch, steps, spec.heads, width / spec.heads])
          .transpose(order);
      // Its dotProductAttention needs a newer Node than the benchmarks do.
      const hidden = Float32Array.from({ length: steps * steps }, (_, i) => (i % steps > i / steps ? -1e9 : 0));
      const scores = numpy
        .matmul(part(0, [0, 2, 1, 3]), part(1, [0, 2, 3, 1]))
        .mul(Math.sqrt(spec.heads / width))
        .add(numpy.array(hidden, { shape: [steps, steps] }));
      const attended = numpy.matmul(nn.softmax(scores, -1), part(2, [0, 2, 1, 3])).transpose([0, 2, 1, 3]);
      qkv.dispose();
      const between = x.add(linear(attended.reshape([batch, steps, width]), all[2]!, all[3]!));
      const inner = nn.gelu(linear(normalised(between.ref, 10), all[4]!, all[5]!), { approximate: false });
      return between.add(linear(inner, all[6]!, all[7]!));
    }
  }
}
