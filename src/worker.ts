/**
 * Training off the main thread.
 *
 * @module lanewise/worker
 */
export {
  trainInWorker, TrainingRun, type OwnWorkerOptions, type RecipeWorkerOptions, type TrainingState, type WorkerEvents,
} from './train/trainInWorker.js';
export { serveTraining, type BuildTraining, type RequestHandler, type ServedTraining } from './train/serveTraining.js';
export { imageTraining, type ImageArrays, type ImageSource, type ImageTrainSettings, type LabelledImages } from './train/imageTraining.js';
export type { TrainingInfo, TrainingResult } from './train/wire.js';
export type { NodeWorker, WebWorker } from './runtime/channel.js';
