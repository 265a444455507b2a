/**
 * Training off the main thread.
 *
 * @module lanewise/worker
 */
export {
  trainInWorker, TrainingRun, type OwnWorkerOptions, type RecipeWorkerOptions, type TrainingState, type WorkerEvents,
} from './trainInWorker.js';
export { serveTraining, type BuildTraining, type RequestHandler, type ServedTraining } from './serveTraining.js';
export { imageTraining, type ImageArrays, type ImageSource, type ImageTrainSettings, type LabelledImages } from './imageTraining.js';
export type { TrainingInfo, TrainingResult } from './wire.js';
export type { NodeWorker, WebWorker } from '../runtime/channel.js';
