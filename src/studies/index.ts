/** The studies, one file each. */

import type { Study } from '../experiments/study.js';
import { bnCnn } from './bnCnn.js';
import { bnMlp } from './bnMlp.js';
import { bnRace } from './bnRace.js';
import { cifarSearch } from './cifarSearch.js';
import { lenetOptimizers } from './lenetOptimizers.js';
import { resnet } from './resnet.js';

/** In the order of their list. */
export const STUDIES: readonly Study[] = [
  // After published reports.
  bnMlp,
  bnCnn,
  bnRace,
  resnet,
  lenetOptimizers,
  cifarSearch,
];
