import {
  argmax,
  argmin,
  argsort,
  cumsum,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  norm,
  prod,
  softmax,
  sort,
  std,
  sum,
  type Tensor,
  topk,
  variance,
} from '../../src/index.js';
import { type Run, testOperations } from './support.js';

interface Over {
  axes?: number[];
  keepDim?: boolean;
}
const over =
  (f: (x: Tensor, axes?: number[], options?: { keepDim?: boolean }) => Tensor): Run<Over> =>
  ([x], { axes, ...options }) =>
    f(x!, axes, options);
const alongAxis =
  (f: (x: Tensor, axis?: number) => Tensor): Run<{ axis?: number }> =>
  ([x], { axis }) =>
    f(x!, axis);

const runs = {
  sum: over(sum),
  mean: over(mean),
  max: over(max),
  min: over(min),
  prod: over(prod),
  logSumExp: over(logSumExp),
  var: over(variance),
  std: over(std),
  norm: ([x], { axes, p, ...options }: Over & { p: number | 'Infinity' }) =>
    norm(x!, typeof axes === 'number' ? [axes] : axes, { ...options, p: Number(p) }),
  argmax: ([x], { axis, ...options }: { axis?: number; keepDim?: boolean }) => argmax(x!, axis, options),
  argmin: ([x], { axis, ...options }: { axis?: number; keepDim?: boolean }) => argmin(x!, axis, options),
  softmax: alongAxis(softmax),
  logSoftmax: alongAxis(logSoftmax),
  cumsum: ([x], { axis }: { axis: number }) => cumsum(x!, axis),
  sort: ([x], { axis, part, ...options }: { axis: number; part: 'values' | 'indices'; descending: boolean }) =>
    sort(x!, axis, options)[part],
  argsort: ([x], { axis }: { axis: number }) => argsort(x!, axis),
  topk: ([x], { k, axis, part, largest }: { k: number; axis: number; part: 'values' | 'indices'; largest: boolean }) =>
    topk(x!, k, axis, { largest })[part],
} satisfies Record<string, Run>;

testOperations('reduce', runs, { ofLargest: 1e-6 });
