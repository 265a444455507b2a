import type { Tensor } from '../tensor/tensor.js';

/** What each of these losses applies itself. */
const APPLIED: Readonly<Record<string, string>> = { crossEntropy: 'softmax', bceWithLogits: 'sigmoid' };

/** Says so where a model ends in what its loss applies itself: it would train, but badly. @returns true */
export function warnOfActivation(output: Tensor, loss: Tensor): true {
  // The loss itself, or the mean of it.
  const found = [loss.op, loss.node?.inputs[0]?.op].find((name) => APPLIED[name!] !== undefined);
  if (found !== undefined && output.op === APPLIED[found])
    console.warn(`fit: ${found} takes logits, but the model ends in ${output.op}: leave it out, or training is slow`);
  return true;
}
