/** Reports that are kept in docs/studies, and the page of tables made from them. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../src/report/index.js';
import { MANIFEST, writeStudy } from './study.js';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-keep-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

const MARKED = '# Studies\n\n<!-- studies -->\nold\n<!-- end -->\n\nThe end.\n';

function shelf(name: string, page = MARKED): string {
  const directory = path.join(scratch, name);
  fs.mkdirSync(directory);
  fs.writeFileSync(path.join(directory, 'README.md'), page);
  return directory;
}

const keep = (into: string, ...studies: string[]) =>
  spawnSync(process.execPath, [path.join(root, 'scripts/keep-study.mjs'), ...studies, '--into', into], {
    encoding: 'utf8',
    cwd: scratch,
  });
const pageOf = (directory: string): string =>
  fs.readFileSync(path.join(directory, 'README.md'), 'utf8').replaceAll('\u00a0', ' ');

describe('a report that is kept', () => {
  const study = path.join(scratch, 'study');
  let kept: string;

  beforeAll(async () => {
    await writeReport(writeStudy(study));
    kept = shelf('kept');
    expect(keep(kept, study)).toMatchObject({ status: 0, stderr: '' });
  });

  test('is there with its figures', () => {
    expect(fs.readdirSync(path.join(kept, 'made-up')).sort()).toEqual([
      'figures',
      'report.json',
      'report.md',
      'results.csv',
    ]);
    expect(fs.readFileSync(path.join(kept, 'made-up/report.md'))).toEqual(
      fs.readFileSync(path.join(study, 'report.md')),
    );
    const pictures = [
      ...fs.readFileSync(path.join(kept, 'made-up/report.md'), 'utf8').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g),
    ].map(([, file]) => file!);
    expect(pictures.filter((file) => !fs.existsSync(path.join(kept, 'made-up', file)))).toEqual([]);
  });

  test('stands in the table of all studies', () => {
    // 12 done, 4 diverged and 1 failed of 24; of the five figures that can be told of, the first is not off, and one
    // diverged as published.
    expect(pageOf(kept)).toContain(
      '| [Made up: \\<i\\>norm\\</i\\> \\| or not](made-up/report.md) | 17 | 3 | 4 | 1 | 7 | 1 min 25 s | 3 of 5 |',
    );
  });

  test('has its published figures beside ours', () => {
    expect(pageOf(kept)).toContain('| lr 0.1, without | 97 % | 96.33 ± 1.53 % |');
    expect(pageOf(kept)).toContain('| lr 0.1, with | 91 % | 97.10 ± 0.14 % ≠, 1 of 3 diverged |');
    expect(pageOf(kept)).toContain('| lr 50, without | 11.36 %, diverges | 10.20 ± 0.10 %, all 3 diverged |');
    // A row that has nothing published is none of this page's.
    expect(pageOf(kept)).not.toContain('lr 1, with |');
  });

  test('says why ours differ', () => {
    expect(pageOf(kept)).toContain('\n\nOurs begins elsewhere (`--seed_of 1`).\n\n');
  });

  test('tells the time to each accuracy', () => {
    expect(pageOf(kept)).toContain('| plain | 2.2 s | 2.3 s (epoch 1, 2 of 3 seeds) | not reached |');
  });

  test('leaves the rest of the page as it was, however often', () => {
    const before = pageOf(kept);
    expect(before).toMatch(/^# Studies\n\n<!-- studies -->\n\| study/);
    expect(before).toMatch(/<!-- end -->\n\nThe end\.\n$/);
    expect(before).not.toContain('old');
    expect(keep(kept)).toMatchObject({ status: 0 });
    expect(pageOf(kept)).toBe(before);
  });
});

describe('what is not kept', () => {
  test('the small version of a study', async () => {
    const quick = path.join(scratch, 'quick');
    await writeReport(writeStudy(quick, { ...MANIFEST, quick: true }));
    const into = shelf('no-quick');
    const { status, stderr } = keep(into, quick);
    expect([status, stderr]).toEqual([
      1,
      `error: ${quick} holds the small version of made-up: only full runs are kept\n`,
    ]);
    expect(fs.readdirSync(into)).toEqual(['README.md']);
  });

  test('a directory without a report', () => {
    const { status, stderr } = keep(shelf('no-report'), scratch);
    expect([status, stderr]).toEqual([
      1,
      `error: ${scratch} has no report.md, report.json, results.csv: \`lanewise experiment\` writes them\n`,
    ]);
  });

  test('into a page without marks', () => {
    const { status, stderr } = keep(shelf('no-marks', '# Studies\n'));
    expect(status).toBe(1);
    expect(stderr).toContain('has no marks <!-- studies --> and <!-- end -->');
  });
});

test('docs/studies/README.md is what its reports say', () => {
  const copy = path.join(scratch, 'docs');
  fs.cpSync(path.join(root, 'docs/studies'), copy, { recursive: true });
  expect(keep(copy)).toMatchObject({ status: 0, stderr: '' });
  expect(pageOf(copy)).toBe(pageOf(path.join(root, 'docs/studies')));
});
