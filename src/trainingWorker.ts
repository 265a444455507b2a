// lanewise's own worker: scripts/build.mjs makes one script of it, which `trainInWorker` carries.
import './slim.js';
import { imageTraining } from './train/imageTraining.js';
import { serveTraining } from './train/serveTraining.js';

serveTraining(imageTraining);
