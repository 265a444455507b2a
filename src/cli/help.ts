/** Help in the width of the terminal. */
import process from 'node:process';
import type { Command } from 'commander';

const USUAL_WIDTH = 80;
/** Descriptions of options are wrapped where at least so many columns are left for them. */
const LEAST_COLUMN = 20;

/** Columns of the terminal, or those that COLUMNS tells of where there is none. */
function helpWidth(): number {
  const told = Number(process.env.COLUMNS);
  return process.stdout.columns ?? (Number.isInteger(told) && told > 0 ? told : USUAL_WIDTH);
}

/** Lets a program, and the commands that are added to it later, wrap their help. */
export function wrapHelp(program: Command): Command {
  return program
    .configureHelp({ minWidthToWrap: LEAST_COLUMN })
    .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth });
}

/** What stands below the options: examples, one a line, and a paragraph. */
export const examples =
  (commands: readonly string[], paragraph?: string): (() => string) =>
  () => {
    const lines = commands.flatMap((command) => wrapCommand(command, helpWidth()));
    const below = paragraph === undefined ? [] : ['', ...wrapWords(paragraph.split(/\s+/), helpWidth())];
    return ['', 'Examples:', ...lines, ...below].join('\n');
  };

/** A command in lines that a shell takes as one: options stay with their values. */
function wrapCommand(command: string, width: number): string[] {
  if (command.length + 2 <= width) return [`  ${command}`];
  const [program, ...words] = command.split(/ (?=--)|(?<! --[\w-]+) /);
  const lines = wrapWords([`  ${program}`, ...words], width - ' \\'.length, '      ');
  return lines.map((line, i) => (i === lines.length - 1 ? line : `${line} \\`));
}

/** Fills lines with words; those after the first one begin with `indent`. */
function wrapWords(words: readonly string[], width: number, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : indent + word);
  }
  return lines;
}
