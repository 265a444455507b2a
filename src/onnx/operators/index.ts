/** Every operator that a model may use. */
import type { Operators } from './call.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { layers } from './layers.js';
import { recurrentOperators } from './recurrent.js';
import { reductions } from './reductions.js';
import { resizing } from './resize.js';
import { shapes } from './shapes.js';
import { windows } from './windows.js';

export const OPERATORS: Operators = {
  ...elementwise,
  ...shapes,
  ...indexing,
  ...reductions,
  ...windows,
  ...layers,
  ...resizing,
  ...recurrentOperators,
};
