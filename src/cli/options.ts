/** The options of the library's tables, as those of a command. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ArgumentError } from '../index.js';
import { flagName, type OptionSpec, type OptionTable, parseOption } from '../recipes/index.js';

/** Adds the options of a table to a command, under a heading of their own in its help. */
export function addOptions(command: Command, heading: string, table: OptionTable): void {
  command.optionsGroup(heading);
  for (const [name, spec] of Object.entries(table)) command.addOption(optionOf(name, spec));
}

function optionOf(name: string, spec: OptionSpec): Option {
  const flag = flagName(name);
  if (spec.kind === 'flag') return new Option(spec.default ? flag.replace('--', '--no-') : flag, spec.help);
  const value = spec.kind === 'choice' ? 'NAME' : (spec.value ?? 'VALUE');
  const option = new Option(`${flag} <${value}>`, `${spec.help}${choicesOf(spec)}${defaultOf(spec)}`);
  return option.argParser((text: string) => {
    try {
      return parseOption(name, spec, text);
    } catch (error) {
      // Commander names the option itself.
      if (error instanceof ArgumentError) throw new InvalidArgumentError(error.message.replace(`${flag}: `, ''));
      throw error;
    }
  });
}

function choicesOf(spec: OptionSpec): string {
  return spec.kind === 'choice' ? `: ${spec.choices.join(', ')}` : '';
}

function defaultOf(spec: OptionSpec): string {
  if (spec.defaultHelp !== undefined) return ` (default: ${spec.defaultHelp})`;
  return spec.default === null ? '' : ` (default: ${String(spec.default)})`;
}

/** The values that were given on the command line, and no others. */
export function givenOptions(command: Command): Record<string, unknown> {
  const values = command.opts<Record<string, unknown>>();
  return Object.fromEntries(Object.entries(values).filter(([name]) => command.getOptionValueSource(name) === 'cli'));
}
