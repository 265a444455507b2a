/** Sin, Cos and Tan, which are computed with other operations. */
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import { init, scope, type Tensor, tensor } from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';

beforeAll(() => init({ threads: 1 }));

function model(opType: string) {
  const type = { value: { case: 'tensorType' as const, value: { elemType: 1 } } };
  const node = [{ opType, name: 'node', input: ['x'], output: ['y'] }];
  const graph = { input: [{ name: 'x', type }], output: [{ name: 'y', type }], node };
  const whole = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], graph });
  return importOnnx(toBinary(ModelProtoSchema, whole));
}

describe.each([
  ['Sin', Math.sin, Math.cos],
  ['Cos', Math.cos, (x: number) => -Math.sin(x)],
  ['Tan', Math.tan, (x: number) => 1 / Math.cos(x) ** 2],
] as const)('%s', (name, want, slope) => {
  test.each([0.01, 3, 100, 10_000])('of numbers up to %f is within 3e-7, its gradient within 2e-6', (reach) =>
    scope(() => {
      const numbers = Float32Array.from({ length: 2001 }, (_, i) => (i / 1000 - 1) * reach);
      const x = tensor(numbers, { requiresGrad: true });
      const y = model(name).forward(x);
      const values = y.data();
      y.sum().backward();
      const dx = x.grad!.data();
      numbers.forEach((n, i) => {
        // Near its poles the tangent is as steep as it is large.
        const steep = name === 'Tan' ? 1 + want(n) ** 2 : 1;
        expect(Math.abs(values[i]! - want(n))).toBeLessThan(3e-7 * steep);
        expect(Math.abs(dx[i]! - slope(n))).toBeLessThan(2e-6 * steep ** 1.5);
      });
    }),
  );

  test('is written again; of no number it is none', () => {
    const x = tensor([[NaN], [Infinity], [1]]);
    const again = importOnnx(exportOnnx(model(name), x));
    const [a, b, c] = (again.forward(x) as Tensor).toArray() as [number[], number[], number[]];
    expect([a[0], b[0]]).toEqual([NaN, NaN]);
    expect(c[0]).toBeCloseTo(want(1), 6);
  });
});
