import { describe, expect, test } from 'vitest';
import {
  bceLoss,
  bceWithLogits,
  cosineEmbeddingLoss,
  crossEntropy,
  hingeEmbeddingLoss,
  huberLoss,
  type KLDivOptions,
  klDivLoss,
  l1Loss,
  type MarginOptions,
  marginRankingLoss,
  mseLoss,
  multiMarginLoss,
  nllLoss,
  nn,
  type Reduction,
  scope,
  smoothL1Loss,
  type Tensor,
  tensor,
  tripletMarginLoss,
} from '../../src/index.js';
import { fromGolden, golden, type OperationCase, type Run, testOperations } from './support.js';

interface Reduced {
  reduction?: Reduction;
}
interface Weighted extends Reduced {
  weight?: number[];
  posWeight?: number[];
}

/** The options with tensors for lists of weights. */
const tensors = ({ weight, posWeight, ...options }: Weighted) => ({
  ...options,
  weight: weight && tensor(weight),
  posWeight: posWeight && tensor(posWeight),
});

const runs = {
  crossEntropy: ([x, target], options: Weighted & { ignoreIndex?: number; labelSmoothing?: number }) =>
    crossEntropy(x!, target!, tensors(options)),
  nllLoss: ([x, target], options: Weighted & { ignoreIndex?: number }) => nllLoss(x!, target!, tensors(options)),
  mseLoss: ([x, target], options: Reduced) => mseLoss(x!, target!, options),
  l1Loss: ([x, target], options: Reduced) => l1Loss(x!, target!, options),
  smoothL1Loss: ([x, target], options: Reduced & { beta?: number }) => smoothL1Loss(x!, target!, options),
  bceWithLogits: ([x, target], options: Weighted) => bceWithLogits(x!, target!, tensors(options)),
  bceLoss: ([x, target], options: Weighted) => bceLoss(x!, target!, tensors(options)),
  klDivLoss: ([x, target], options: KLDivOptions) => klDivLoss(x!, target!, options),
  huberLoss: ([x, target], options: Reduced) => huberLoss(x!, target!, options),
  cosineEmbeddingLoss: ([a, b, target], options: MarginOptions) => cosineEmbeddingLoss(a!, b!, target!, options),
  marginRankingLoss: ([a, b, target], options: MarginOptions) => marginRankingLoss(a!, b!, target!, options),
  hingeEmbeddingLoss: ([x, target], options: MarginOptions) => hingeEmbeddingLoss(x!, target!, options),
  multiMarginLoss: ([x, target], options: Weighted & { p?: number }) => multiMarginLoss(x!, target!, tensors(options)),
  tripletMarginLoss: ([a, p, n], options: MarginOptions) => tripletMarginLoss(a!, p!, n!, options),
} satisfies Record<string, Run>;

// Far logits: each loss and gradient by itself, however small beside the others.
testOperations('losses', runs, ({ name }) => (name.includes('far logits') ? { ofEach: 5e-7 } : { ofLargest: 1e-6 }));

describe('losses as modules', () => {
  const modules: Record<string, new (options: object) => nn.Module<Tensor[]>> = {
    crossEntropy: nn.CrossEntropyLoss,
    nllLoss: nn.NLLLoss,
    mseLoss: nn.MSELoss,
    l1Loss: nn.L1Loss,
    smoothL1Loss: nn.SmoothL1Loss,
    bceWithLogits: nn.BCEWithLogitsLoss,
    bceLoss: nn.BCELoss,
    klDivLoss: nn.KLDivLoss,
    huberLoss: nn.HuberLoss,
    cosineEmbeddingLoss: nn.CosineEmbeddingLoss,
    marginRankingLoss: nn.MarginRankingLoss,
    hingeEmbeddingLoss: nn.HingeEmbeddingLoss,
    multiMarginLoss: nn.MultiMarginLoss,
    tripletMarginLoss: nn.TripletMarginLoss,
  };
  for (const { name, op, inputs, args } of golden<OperationCase>('losses').cases) {
    test(`${name}: the same number as the operation`, () =>
      scope(() => {
        const given = inputs.map((input) => fromGolden(input!));
        const criterion = new modules[op]!(tensors(args as Weighted));
        expect(criterion.forward(...given).data()).toEqual(runs[op as keyof typeof runs](given, args as never).data());
        criterion.dispose();
      }));
  }
});
