import { expect, test } from 'vitest';
import { csvField } from '../../src/text/csv.js';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['@x,y', '"\'@x,y"'],
  [-0.5, '-0.5'],
  [Number.NaN, ''],
  [null, ''],
  [undefined, ''],
])('CSV of %j', (value, text) => expect(csvField(value)).toBe(text));
