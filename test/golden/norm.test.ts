import { batchNorm, groupNorm, layerNorm, rmsNorm, tensor } from '../../src/index.js';
import { type Run, testOperations } from './support.js';

interface BatchNormArguments {
  training: boolean;
  eps?: number;
  runningMean?: number[];
  runningVar?: number[];
}

const runs = {
  batchNorm: ([x, weight, bias], { runningMean, runningVar, ...options }: BatchNormArguments) =>
    batchNorm(x!, {
      weight,
      bias,
      ...options,
      ...(runningMean === undefined ? {} : { runningMean: tensor(runningMean), runningVar: tensor(runningVar!) }),
    }),
  layerNorm: ([x, weight, bias], { normalizedShape }: { normalizedShape: number[] }) =>
    layerNorm(x!, normalizedShape, { weight, bias }),
  groupNorm: ([x, weight, bias], { groups }: { groups: number }) => groupNorm(x!, groups, { weight, bias }),
  rmsNorm: ([x, weight], { normalizedShape, ...options }: { normalizedShape: number[]; eps?: number }) =>
    rmsNorm(x!, normalizedShape, { weight, ...options }),
} satisfies Record<string, Run>;

// Gradients through a mean of few elements cancel: to one rounding of their terms, which are of the size of 1.
testOperations('norm', runs, { ofLargest: 1e-6, absolute: 1e-7 });
