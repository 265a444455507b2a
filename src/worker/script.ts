// lanewise's own worker: scripts/build.mjs makes one script of it, which `trainInWorker` carries.
import '../slim/index.js';
import { imageTraining } from './imageTraining.js';
import { serveTraining } from './serveTraining.js';

serveTraining(imageTraining);
