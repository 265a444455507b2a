import { beforeAll, describe, expect, test } from 'vitest';
import { init, optim, scope, zeros } from '../../src/index.js';
import { expectClose, expectNumbers, fromGolden, type GoldenTensor, golden } from './support.js';

interface ClipCase {
  name: string;
  clip: 'clipGradNorm' | 'clipGradValue';
  options: { maxNorm?: number; normType?: number | 'Infinity'; clipValue?: number };
  before: (GoldenTensor | null)[];
  after: (GoldenTensor | null)[];
  norm?: GoldenTensor;
}

beforeAll(async () => {
  await init();
});

describe("gradient clipping as PyTorch's", () => {
  for (const { name, clip, options, before, after, norm } of golden<ClipCase>('clip').cases) {
    test(name, () =>
      scope(() => {
        const parameters = before.map((gradient) => {
          const grad = gradient === null ? null : fromGolden(gradient);
          const parameter = zeros(grad?.shape ?? [], { requiresGrad: true });
          parameter.grad = grad;
          return parameter;
        });
        if (clip === 'clipGradValue') optim.clipGradValue(parameters, options.clipValue!);
        else
          expectNumbers(
            [optim.clipGradNorm(parameters, options.maxNorm!, { normType: Number(options.normType ?? 2) })],
            norm!.data,
            { ofEach: 1e-6 },
            'the norm',
          );
        parameters.forEach(({ grad }, i) => {
          if (grad === null) expect(after[i]).toBe(null);
          else expectClose(grad, after[i]!, { ofLargest: 1e-6 }, `gradient ${i}`);
        });
      }),
    );
  }
});
