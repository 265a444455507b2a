/** The case table: every operation with its twin. A new operation adds a row to the file of its family. */

import { activations } from './cases/activations.js';
import { attentions } from './cases/attention.js';
import { conv } from './cases/conv.js';
import { elementwise } from './cases/elementwise.js';
import { functions } from './cases/functions.js';
import { fused } from './cases/fused.js';
import { gemm } from './cases/gemm.js';
import { loss } from './cases/loss.js';
import { movement } from './cases/movement.js';
import { norm } from './cases/norm.js';
import { pool } from './cases/pool.js';
import { recurrentCases } from './cases/recurrent.js';
import { reduce } from './cases/reduce.js';
import { sequences } from './cases/sequences.js';
import type { Case } from './support/case.js';

export const cases: Record<string, readonly Case[]> = {
  elementwise,
  functions,
  activations,
  loss,
  movement,
  reduce,
  gemm,
  attention: attentions,
  conv,
  pool,
  sequences,
  norm,
  fused,
  recurrent: recurrentCases,
};
