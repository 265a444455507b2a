/**
 * Training: the loop, what it measures, what it keeps.
 *
 * @module train
 */

export { AveragedModel, type AveragedModelOptions } from './averagedModel.js';
export type { BatchSource, LossFunction } from './batches.js';
export type { EarlyStopping } from './best.js';
export type { Checkpoint, CheckpointStore, EpochMetrics, EpochTotals, Progress } from './checkpoint.js';
export { RunControl, type RunControlOptions } from './control.js';
export { digest } from './digest.js';
export { type EvaluatedBatch, type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export { fit } from './fit.js';
export { accuracy, ConfusionMatrix, confusionMatrix, countCorrect, predictedClasses } from './metrics.js';
export type { MetricFunction, MetricName, Metrics } from './namedMetrics.js';
export type { BatchReport, FitOptions, FitResult } from './options.js';
export { updateBn } from './updateBn.js';
