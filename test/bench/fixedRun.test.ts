import { expect, test } from 'vitest';
import { FIXED_RUN_DIGEST, fixedRun } from '../../bench/fixedRun.js';
import * as lanewise from '../../src/index.js';

test('the fixed run ends on the published digest, and leaves no tensor behind', () => {
  const before = lanewise.memory().tensors;
  expect(fixedRun(lanewise)).toBe(FIXED_RUN_DIGEST);
  expect(lanewise.memory().tensors).toBe(before);
});
