/** The report of a study. */
import path from 'node:path';
import { removeUnfinished } from '../experiments/files.js';
import { manifestFile, readManifest, readResults } from '../experiments/layout.js';
import type { RunResult } from '../experiments/result.js';
import { CheckpointError } from '../index.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import { composeReport } from './compose.js';
import { metricsJsonl, reportRecord, resultsCsv } from './dataFiles.js';
import { drawFigure } from './drawFigures.js';
import { htmlOf } from './html.js';
import { markdownOf } from './markdown.js';
import { Results } from './outcome.js';
import { loadReportProgram } from './program.js';
import { compareTable } from './publishedTables.js';

/** The files of a report, beside its figures. */
export const REPORT_FILES = ['report.html', 'report.md', 'results.csv', 'metrics.jsonl', 'report.json'] as const;

/**
 * Writes the report of a study into its directory, from `study.json` and `runs/ID/result.json`, of as many runs as are
 * at their end; a run whose result cannot be read counts as failed, with the reason:
 *
 *   report.html       all of it in one file that opens without a network
 *   report.md         the same as Markdown, with the pictures in figures/
 *   figures/ID.svg    a picture of each figure
 *   results.csv       a line for each run
 *   metrics.jsonl     a line for each epoch of each run
 *   report.json       the published figures and ours, in numbers
 *
 * @param known results by id, which are used instead of those on disk
 * @throws {CheckpointError} when there is no study in the directory, or `study.json` cannot be read
 * @throws {FileWriteError} when it cannot be written to
 */
export async function writeReport(directory: string, known?: ReadonlyMap<string, RunResult>): Promise<void> {
  const manifest = readManifest(directory);
  if (manifest === null)
    throw new CheckpointError('there is no study here: study.json is missing', {
      where: manifestFile(directory),
      hint: 'a report is made of the directory that `lanewise experiment` wrote',
    });
  const results = new Results(manifest, readResults(directory, manifest, known));
  const tables = manifest.study.tables.map((table) => compareTable(table, results));
  const charts = manifest.study.figures.flatMap((figure) => drawFigure(figure, results) ?? []);
  const report = composeReport(results, tables, charts);
  const program = await loadReportProgram();

  type Name = (typeof REPORT_FILES)[number] | `figures/${string}.svg`;
  const write = (name: Name, text: string): void => writeFileAtomic(path.join(directory, name), text);
  const pictures = new Map(charts.map(({ id }) => [id, `figures/${id}.svg`] as const));
  const figures = path.join(directory, 'figures');
  makeDirectory(figures);
  removeUnfinished(
    figures,
    charts.map(({ id }) => `${id}.svg`),
  );
  for (const chart of charts) write(pictures.get(chart.id)!, `${program.pictureOf(chart)}\n`);
  write('results.csv', resultsCsv(results));
  write('metrics.jsonl', metricsJsonl(results));
  write('report.json', `${JSON.stringify(reportRecord(results, tables), null, 1)}\n`);
  write('report.md', markdownOf(report, pictures));
  write('report.html', htmlOf(report, program.text));
}
