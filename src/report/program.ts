/** The program that the reports carry and their pictures are drawn by: `dist/report.js`. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MissingDataError } from '../index.js';
import type { Chart } from './chart.js';

export interface ReportProgram {
  readonly text: string;
  pictureOf(chart: Chart): string;
}

/** Beside the command line in dist/; seen from src/ it lies in dist/ as well. */
const PLACES = ['./report.js', '../../dist/report.js'];

function programUrl(): URL {
  const url = PLACES.map((place) => new URL(place, import.meta.url)).find((each) => fs.existsSync(each));
  if (url === undefined)
    throw new MissingDataError('report.js is missing', {
      where: 'report',
      hint: 'npm run build makes it; in an installed package: install it again',
    });
  return url;
}

/** The text alone: what a report that has no pictures beside it needs. */
export const reportProgramText = (): string => fs.readFileSync(fileURLToPath(programUrl()), 'utf8');

export async function loadReportProgram(): Promise<ReportProgram> {
  const url = programUrl();
  const { pictureOf } = (await import(url.href)) as Pick<ReportProgram, 'pictureOf'>;
  return { text: fs.readFileSync(fileURLToPath(url), 'utf8'), pictureOf };
}
