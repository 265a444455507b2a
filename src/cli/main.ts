/** The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C. */
import fs from 'node:fs';
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { addBenchCommand } from './bench.js';
import { addEvalCommand } from './eval.js';
import { addExperimentCommand } from './experiment.js';
import { addExportCommand } from './export.js';
import { examples, wrapHelp } from './help.js';
import { addImportCommand } from './import.js';
import { addPredictCommand } from './predict.js';
import { addServeCommand } from './serve.js';
import { addSweepCommand } from './sweep.js';
import { addTrainCommand } from './train.js';
import { UsageError } from './usage.js';
import { visibleError, visibleLines } from './visible.js';
import { addWorkCommand } from './work.js';

const MORE = '(add --help for the options and examples)';

// Beside the built file, in the package.
const { version } = JSON.parse(fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = wrapHelp(new Command('lanewise'))
  .description('Train neural networks on WebAssembly SIMD, and use them.')
  .version(version)
  .exitOverride()
  .configureOutput({
    writeErr: (text) => {
      process.stderr.write(visibleLines(text));
    },
  })
  .showHelpAfterError(MORE)
  .addHelpText(
    'after',
    examples(
      [
        'lanewise train --model mlp-bn --hidden 1024,512 --dataset mnist',
        'lanewise eval --checkpoint runs/mlp-bn-mnist/best.safetensors',
        'lanewise predict --checkpoint runs/mlp-bn-mnist/best.safetensors digit.png',
        'lanewise import model.pt',
        'lanewise export --checkpoint runs/mlp-bn-mnist/best.safetensors --format onnx',
        'lanewise experiment --list',
        'lanewise sweep --param lr=log:1e-4:1e-1:8 --model lenet5',
        'lanewise serve --open',
        'lanewise bench',
      ],
      'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.',
    ),
  );
addTrainCommand(program);
addEvalCommand(program);
addPredictCommand(program);
addImportCommand(program);
addExportCommand(program);
addExperimentCommand(program, version);
addSweepCommand(program, version);
addWorkCommand(program, version);
addServeCommand(program);
addBenchCommand(program, version);

/** Whether the command that was called has an option. */
const hasFlag = (flag: string): boolean =>
  program.commands.find((command) => command.name() === program.args[0])?.options.some(({ long }) => long === flag) ??
  false;

// A reader that goes away (`| head`) is not a crash.
process.stdout.on('error', () => {
  process.exitCode = 1;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Tells what went wrong, where Commander did not do that already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${visibleError(error, hasFlag)}\n${MORE}\n`);
    return 2;
  }
  process.stderr.write(`error: ${visibleError(error, hasFlag)}\n`);
  return 1;
}
