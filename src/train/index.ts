/**
 * Training: the loop, what it measures, what it keeps.
 *
 * @module train
 */
export { fit, type FitOptions, type FitResult, type BatchReport, type EarlyStopping } from './fit.js';
export { RunControl, type RunControlOptions } from './control.js';
export { evaluate, type EvaluateOptions, type EvaluatedBatch, type Evaluation, type LossFunction } from './evaluate.js';
export { accuracy, countCorrect, predictedClasses, confusionMatrix, ConfusionMatrix } from './metrics.js';
export type { Checkpoint, CheckpointStore, EpochMetrics, EpochTotals, Progress } from './checkpoint.js';
export type { BatchSource } from './batches.js';
export { digest } from './digest.js';
