/**
 * Training: the loop, what it measures, what it keeps.
 *
 * @module train
 */
export { fit, type FitOptions, type FitResult, type BatchReport } from './fit.js';
export type { EarlyStopping } from './best.js';
export { RunControl, type RunControlOptions } from './control.js';
export { evaluate, type EvaluateOptions, type EvaluatedBatch, type Evaluation } from './evaluate.js';
export { accuracy, countCorrect, predictedClasses, confusionMatrix, ConfusionMatrix } from './metrics.js';
export type { Checkpoint, CheckpointStore, EpochMetrics, EpochTotals, Progress } from './checkpoint.js';
export type { BatchSource, LossFunction } from './batches.js';
export { digest } from './digest.js';
