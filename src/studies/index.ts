// The studies, one file each.

import type { Study } from '../experiments/study.js';
import { bnCnn } from './bnCnn.js';
import { bnMlp } from './bnMlp.js';
import { bnRace } from './bnRace.js';
import { cifarSearch } from './cifarSearch.js';
import { lenetOptimizers } from './lenetOptimizers.js';
import { resnet } from './resnet.js';

export const STUDIES: readonly Study[] = [bnMlp, bnCnn, bnRace, resnet, lenetOptimizers, cifarSearch];
