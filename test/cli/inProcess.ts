/** Runs the commands of the command line in this process: many runs, without the time that a process takes to start. */
import { Command } from 'commander';
import { vi } from 'vitest';
import { addEvalCommand } from '../../src/cli/eval.js';
import { addExportCommand } from '../../src/cli/export.js';
import { addImportCommand } from '../../src/cli/import.js';
import { addPredictCommand } from '../../src/cli/predict.js';
import { addTrainCommand } from '../../src/cli/train.js';

/**
 * The events of `lanewise ARGS --json`.
 *
 * @throws what the command throws, and the program turns into a message and an exit code
 */
export async function runCommand(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const program = new Command('lanewise').exitOverride().configureOutput({ writeErr: () => {} });
  for (const add of [addTrainCommand, addEvalCommand, addPredictCommand, addImportCommand, addExportCommand])
    add(program);
  let printed = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await program.parseAsync([...args, '--json'], { from: 'user' });
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
