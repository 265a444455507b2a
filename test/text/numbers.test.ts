import { describe, expect, test } from 'vitest';
import { duration, grouped, percent, plural, roundedDuration, setting } from '../../src/text/numbers.js';

describe('numbers as text', () => {
  test.each([
    [0.4, '0.40 s'],
    [12.34, '12.3 s'],
    [200, '3 min 20 s'],
    [3720, '1 h 02 min'],
  ])('%f seconds', (seconds, text) => expect(duration(seconds)).toBe(text));
  test.each([
    [0.4, '0 s'],
    [12.34, '12 s'],
    [59.6, '1 min 00 s'],
    [3720, '1 h 02 min'],
  ])('%f seconds, rounded', (seconds, text) => expect(roundedDuration(seconds)).toBe(text));
  test.each([
    [0, '0 epochs'],
    [1, '1 epoch'],
    [1234, '1,234 epochs'],
  ])('%d of something', (count, text) => {
    expect(plural(count, 'epoch')).toBe(text);
    expect(plural(count, 'entry', 'entries')).toBe(text.replace('epochs', 'entries').replace('epoch', 'entry'));
  });
  test.each([
    [0, '0'],
    [999.6, '1,000'],
    [1234567, '1,234,567'],
    [-1234, '-1,234'],
  ])('%f in groups of three digits', (value, text) => expect(grouped(value)).toBe(text));
  test.each([
    [0, '0.00 %'],
    [0.98765, '98.77 %'],
    [1, '100.00 %'],
  ])('a share of %f', (share, text) => expect(percent(share)).toBe(text));
  test.each([
    [0, '0'],
    [0.05, '0.05'],
    [0.0005, '5e-4'],
    [2.0309e-8, '2.0309e-8'],
    [1e-4, '1e-4'],
    [0.02785, '0.02785'],
    [100, '100'],
    [1e6, '1e6'],
    [1.5e6, '1.5e6'],
  ])('setting %d', (value, text) => expect(setting(value)).toBe(text));
});
