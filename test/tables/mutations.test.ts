/**
 * Damaged tables: each is read or refused by an error of ours, within a second, and what is read has finite inputs.
 *
 *     npm run test:long       20,000 of them; otherwise 400
 */
import { expect, test } from 'vitest';
import { init, LanewiseError } from '../../src/index.js';
import { encodeTable, loadTable, type TableOptions } from '../../src/tables/index.js';
import { uniform } from '../support/random.js';

await init({ threads: 1 });

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const COUNT = MODE === 'long' ? 20_000 : 400;
const MOST_SECONDS = 1;

const FILES = [
  'rooms,town,price\n2,Bath,210\n3,Bath,270\n2,York,180\n4,York,290\n',
  '\uFEFF"a";"b;c"\r\n1,5;"x ""y"""\r\n2,5;"line\nbreak"\r\n',
  'a\tb\tc\n1\tNA\tx\n2\t3\ty\n4\t5\tx\n',
  Array.from({ length: 40 }, (_, i) => `${i},${i % 3},"t${i % 5}",${i / 7}`).join('\n'),
];
const PARTS = [
  '"',
  ',',
  ';',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '',
  '""',
  'NA',
  '-',
  '1e999',
  '\0',
  '\uFEFF',
  '0',
  'é',
  '\ud800',
];

function damaged(text: string, random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  let copy = text;
  for (let times = 1 + below(2); times > 0; times--) {
    const [at, length] = [below(copy.length + 1), below(6)];
    const part = random() < 0.7 ? PARTS[below(PARTS.length)]! : copy.slice(below(copy.length), below(copy.length));
    copy = copy.slice(0, at) + part + copy.slice(at + (random() < 0.5 ? 0 : length));
  }
  return copy;
}

test(`${COUNT} damaged tables`, { timeout: 600_000 }, async () => {
  const random = uniform(14);
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  let read = 0;
  for (let i = 0; i < COUNT; i++) {
    const text = `${damaged(pick(...FILES), random)}\n`;
    const target = pick(undefined, undefined, undefined, 'price', 'a', 'c');
    const options: TableOptions = {
      ...(target !== undefined && { target }),
      missing: pick('error', 'mean', 'drop'),
      categories: pick('onehot', 'codes'),
      validation: pick(0, 0, 0.3),
      header: pick(true, true, false),
    };
    const since = performance.now();
    try {
      const table = await loadTable(text, options);
      read++;
      expect(table.train.x.data().every(Number.isFinite)).toBe(true);
      expect(table.inputs.length).toBe(table.train.x.shape[1]);
      const { header = true } = options;
      const { x } = await encodeTable(text, JSON.parse(JSON.stringify(table.scaler)) as typeof table.scaler, {
        header,
      });
      expect(x.shape[1]).toBe(table.inputs.length);
      x.dispose();
      table.dispose();
    } catch (error) {
      if (!(error instanceof LanewiseError))
        throw new Error(`${JSON.stringify(text)} with ${target}`, { cause: error });
      expect(error.message).not.toMatch(/undefined|NaN\b.*NaN/);
    }
    expect((performance.now() - since) / 1000).toBeLessThan(MOST_SECONDS);
  }
  expect(read / COUNT).toBeGreaterThan(0.1);
});
