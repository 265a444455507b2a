/**
 * Training off the main thread.
 *
 * @module lanewise/worker
 */

export type { NodeWorker, WebWorker } from '../runtime/workers.js';
export {
  type ImageArrays,
  type ImageSource,
  type ImageTrainSettings,
  imageTraining,
  type LabelledImages,
} from './imageTraining.js';
export { type BuildTraining, type RequestHandler, type ServedTraining, serveTraining } from './serveTraining.js';
export {
  type OwnWorkerOptions,
  type RecipeWorkerOptions,
  TrainingRun,
  type TrainingState,
  trainInWorker,
  type WorkerEvents,
} from './trainInWorker.js';
export type { TrainingInfo, TrainingResult } from './wire.js';
