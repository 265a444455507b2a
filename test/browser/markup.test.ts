/** The page and the reports show texts from files as text, never as markup. (The HTML of reports: test/report.) */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../../src');
const MARKUP = /\b(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment|parseFromString)\b/;

test('nothing in the page or in the program of the reports makes markup of a text', () => {
  const programs = ['browser', 'report/page'].flatMap((folder) => {
    const names = fs.readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
  });
  expect(programs.length).toBeGreaterThan(20);
  expect(programs.filter((name) => MARKUP.test(fs.readFileSync(path.join(SRC, name), 'utf8')))).toEqual([]);
});
