import { noGrad } from '../autograd/tape.js';
import { modesOf } from '../nn/core/modes.js';
import type { Module } from '../nn/core/module.js';
import { BatchNorm } from '../nn/layers/batchNorm.js';
import { checkArguments } from '../runtime/arguments.js';
import { type BatchSource, forEachBatch } from './batches.js';
import { runModel } from './rehearsal.js';

/**
 * Computes the running statistics of all batch norms anew: their mean over the batches of a loader. The weights stay,
 * and so do the modes of the layers.
 *
 * @see torch.optim.swa_utils.update_bn
 * @example
 * await updateBn(loader, model);
 */
export async function updateBn(loader: BatchSource, model: Module): Promise<void> {
  checkArguments('updateBn(loader, model)', loader, model);
  const norms = model.modules().filter((module) => module instanceof BatchNorm) as { momentum: number | null }[];
  const momenta = norms.map(({ momentum }) => momentum);
  if (norms.length === 0) return;
  const restoreModes = modesOf(model);
  model.train();
  for (const norm of norms) {
    (norm as unknown as BatchNorm).resetRunningStats();
    norm.momentum = null;
  }
  try {
    await forEachBatch(loader, 0, 0, (x) => {
      noGrad(() => runModel(model, x));
      return true;
    });
  } finally {
    restoreModes();
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i]!;
    });
  }
}
