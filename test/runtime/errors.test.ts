import { expect, test } from 'vitest';
import { FileFormatError, LanewiseError, ShapeError } from '../../src/index.js';

test('an error names what, where, in which layer, and the mend', () => {
  const error = new ShapeError('shapes [2] and [3] differ', { where: 'add', hint: 'reshape one' });
  expect(error).toBeInstanceOf(LanewiseError);
  expect(error).toMatchObject({ name: 'ShapeError', code: 'LANEWISE_SHAPE', where: 'add', hint: 'reshape one' });
  expect(error.message).toBe('add: shapes [2] and [3] differ\n  hint: reshape one');
  expect(error.inLayer('features.0').inLayer('features').message).toBe(
    'add: shapes [2] and [3] differ (in layer features.0)\n  hint: reshape one',
  );
});

test('programs read fields, not the message', () => {
  const error = new ShapeError('shapes [2] and [3] differ', { where: 'add', hint: 'reshape one' });
  expect(error).toMatchObject({ reason: 'shapes [2] and [3] differ', summary: 'add: shapes [2] and [3] differ' });
  error.inLayer('features.0').inSample({ index: 7, row: 1, batch: 2 });
  expect(error.reason).toBe(
    'shapes [2] and [3] differ (sample 7 of the data set, row 1 of batch 2) (in layer features.0)',
  );
  expect(error.message).toBe(`${error.summary}\n  hint: reshape one`);
  expect(new LanewiseError('gone')).toMatchObject({ reason: 'gone', summary: 'gone', hint: undefined });
});

test('a file error names file and offset', () => {
  const error = new FileFormatError('the magic number is wrong', { file: 'train.idx', offset: 0 });
  expect(error).toMatchObject({
    file: 'train.idx',
    offset: 0,
    code: 'LANEWISE_FILE_FORMAT',
    message: 'train.idx at byte 0: the magic number is wrong',
  });
});
