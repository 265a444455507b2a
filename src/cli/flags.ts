/** How the command line names settings: the only place that knows its flags. */
import type { LanewiseError } from '../index.js';
import { SettingError, wordSettings } from '../recipes/index.js';

/** `batchSize` as the command line writes it: `--batch-size`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The flag that a setting of yes or no is turned off by. */
export const offFlag = (name: string): string => flagName(name).replace('--', '--no-');

/** A text of the library in which settings stand in braces, with their flags. */
export const wordFlags = (text: string): string => wordSettings(text, flagName);

/** An error of the library in the parts that are shown, with settings as flags. */
export function wordError(error: LanewiseError): Pick<LanewiseError, 'where' | 'reason' | 'hint'> {
  if (!(error instanceof SettingError)) return error;
  const { reason, hint } = error.words;
  return {
    where: flagName(error.setting),
    reason: wordFlags(reason),
    hint: hint === undefined ? undefined : wordFlags(hint),
  };
}
