// The studies, one file each.
import type { Study } from '../study.js';
import { resnet } from './resnet.js';

export const STUDIES: readonly Study[] = [resnet];
