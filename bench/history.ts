/** `npm run bench:history BEFORE.json AFTER.json`: what became slower or faster by more than the noise. */
import fs from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { compareReports, historyText } from './compare.js';
import type { Report } from './report.js';

const program = new Command('npm run bench:history --')
  .description('Compares two result files of npm run bench. Ends with code 1 when a row became slower.')
  .argument('<before>', 'file written with --json')
  .argument('<after>', 'file written with --json')
  .option('--threshold <percent>', 'least change to report', percent, 5);

function percent(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('give a number of percent, such as 5.');
  return value;
}

program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();
const [before, after] = program.args.map((file): Report => {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  } catch (error) {
    return program.error(`error: ${file}: ${(error as Error).message}`, { exitCode: 2 });
  }
});
const comparison = compareReports(before!, after!, program.opts<{ threshold: number }>().threshold / 100);
console.log(historyText(comparison));
if (comparison.changes.some(({ kind }) => kind === 'slower')) process.exitCode = 1;
