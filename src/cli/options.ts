/** The options of the library's tables, as those of a command. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  idleSettings,
  type OptionSpec,
  type OptionTable,
  parseOption,
  type RunSettings,
  SettingError,
} from '../recipes/index.js';
import { flagName, offFlag, wordError, wordFlags } from './flags.js';
import type { Output } from './output.js';

/** Adds the options of a table to a command, under a heading of their own in its help. */
export function addOptions(command: Command, heading: string, table: OptionTable): void {
  command.optionsGroup(heading);
  for (const [name, spec] of Object.entries(table)) command.addOption(optionOf(name, spec));
}

function optionOf(name: string, spec: OptionSpec): Option {
  const flag = flagName(name);
  if (spec.kind === 'flag') {
    return spec.default
      ? new Option(offFlag(name), wordFlags(spec.offHelp ?? `not: ${spec.help}`))
      : new Option(flag, wordFlags(spec.help));
  }
  const value = spec.kind === 'choice' ? 'NAME' : (spec.value ?? 'VALUE');
  const option = new Option(`${flag} <${value}>`, wordFlags(`${spec.help}${choicesOf(spec)}${defaultOf(spec)}`));
  return option.argParser((text: string) => {
    try {
      return parseOption(name, spec, text);
    } catch (error) {
      // Commander names the option itself.
      if (error instanceof SettingError) throw new InvalidArgumentError(wordError(error).reason);
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

/** Says which of the settings given do nothing beside the others. */
export function noteIdle(given: Readonly<Record<string, unknown>>, settings: RunSettings, output: Output): void {
  for (const { setting, beside, value } of idleSettings(given, settings)) {
    output.note(`note: ${flagName(setting)} does nothing with ${flagName(beside)} ${value}`);
  }
}
