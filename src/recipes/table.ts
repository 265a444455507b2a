/**
 * Tables of settings: what kinds there are, how a text is read, what is checked. Texts name other settings in braces
 * (`{batchSize}`), and each face words them: the command line as `--batch-size`, the page as `Batch size`.
 */
import { checkArguments } from '../runtime/arguments.js';
import { describe, show } from '../runtime/describe.js';
import { ArgumentError } from '../runtime/errors.js';

interface Described {
  /** What it does, in one line; the default is added to it. */
  readonly help: string;
  /** Its name on a form. */
  readonly label?: string;
  /** What stands for the value in the help: `N`, `FILE`. */
  readonly value?: string;
  /** The default in words, where it depends on other settings. */
  readonly defaultHelp?: string;
  /** The only values of another setting with which this one does anything. */
  readonly only?: { readonly option: string; readonly among: readonly string[] };
}

/** One of several words. */
export interface ChoiceOption extends Described {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  /** The choices as a form shows them, where it does not show their names. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly default: string;
}
/** A whole number in a range. */
export interface IntegerOption extends Described {
  readonly kind: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number | null;
}
/** A number in a range. */
export interface NumberOption extends Described {
  readonly kind: 'number';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number | null;
}
/** Whole numbers, separated by commas. */
export interface SizesOption extends Described {
  readonly kind: 'sizes';
  readonly maximum: number;
  readonly default: readonly number[];
}
/** Yes or no. */
export interface FlagOption extends Described {
  readonly kind: 'flag';
  readonly default: boolean;
  /** What it means not to have it, where that is not the default. */
  readonly offHelp?: string;
}
/** Any text. */
export interface TextOption extends Described {
  readonly kind: 'text';
  readonly default: null;
}

/** One option of a table. A default of null stands for "none" or "depends on other settings". */
export type OptionSpec = ChoiceOption | IntegerOption | NumberOption | SizesOption | FlagOption | TextOption;
/** Options by their names. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The type of the values of an option, without the null of a default that is not told. */
export type ValueOf<Spec extends OptionSpec> = Spec extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { kind: 'integer' | 'number' }
    ? number
    : Spec extends { kind: 'sizes' }
      ? readonly number[]
      : Spec extends { kind: 'flag' }
        ? boolean
        : string;

/** The values of a table's options; null where the default is. */
export type Settings<Table extends OptionTable> = {
  readonly [Name in keyof Table]: ValueOf<Table[Name]> | (Table[Name]['default'] extends null ? null : never);
};

/** A text with the settings in braces named as a face names them; without one, by their plain names. */
export function wordSettings(text: string, nameOf: (setting: string) => string = (setting) => setting): string {
  checkArguments('wordSettings(text="set {lr}", nameOf?=(setting) => setting)', text, nameOf);
  return text.replace(/\{(\w+)\}/g, (_, setting: string) => nameOf(setting));
}

/** What an error about a setting says, with other settings in braces. */
export interface SettingWords {
  readonly reason: string;
  readonly hint?: string;
}

/** A setting that is not allowed, or that contradicts another one. */
export class SettingError extends ArgumentError {
  /**
   * @param setting its name in the table
   * @param words what a face puts into its own words; the message has the plain names
   */
  constructor(
    readonly setting: string,
    readonly words: SettingWords,
  ) {
    checkArguments(
      'new SettingError(setting="lr", words={ reason!: "it is too large", hint: "halve it" })',
      setting,
      words,
    );
    const { reason, hint } = words;
    super(wordSettings(reason), { where: setting, ...(hint !== undefined && { hint: wordSettings(hint) }) });
  }
}

const SPEC = "{ kind!: 'number'|'integer'|'choice'|'sizes'|'flag'|'text', ... }";
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The value that a text stands for, checked.
 *
 * @throws {SettingError} saying what is allowed
 */
export function parseOption(name: string, spec: OptionSpec, text: string): unknown {
  checkArguments(`parseOption(name="lr", spec=${SPEC}, text="0.1")`, name, spec, text);
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return checkOption(name, spec, NUMBER.test(text) ? Number(text) : text);
    case 'sizes':
      return checkOption(
        name,
        spec,
        text.split(',').map((size) => (NUMBER.test(size) ? Number(size) : size)),
      );
    default:
      return checkOption(name, spec, text);
  }
}

/**
 * The value given back, if it is allowed.
 *
 * @throws {SettingError} saying what is allowed
 */
export function checkOption(name: string, spec: OptionSpec, value: unknown): unknown {
  checkArguments(`checkOption(name="lr", spec=${SPEC}, value?=0.1|any)`, name, spec, value);
  const refuse = (allowed: string): never => {
    throw new SettingError(name, {
      reason: `${Array.isArray(value) ? show(value) : describe(value)} is not allowed: ${allowed}`,
    });
  };
  if (value === null && spec.default === null) return value;
  switch (spec.kind) {
    case 'choice':
      if (!spec.choices.includes(value as string)) refuse(`it must be one of ${spec.choices.join(', ')}`);
      break;
    case 'integer':
      if (!Number.isInteger(value) || !inRange(value as number, spec))
        refuse(`it must be a whole number ${rangeOf(spec)}`);
      break;
    case 'number':
      if (typeof value !== 'number' || !inRange(value, spec)) refuse(`it must be a number ${rangeOf(spec)}`);
      break;
    case 'sizes':
      if (
        !Array.isArray(value) ||
        value.length === 0 ||
        !Array.from<unknown>(value).every(
          (size) => Number.isInteger(size) && Number(size) >= 1 && Number(size) <= spec.maximum,
        )
      ) {
        refuse(
          `it must be whole numbers from 1 to ${spec.maximum}, separated by commas, as in ${spec.default.join(',')}`,
        );
      }
      break;
    case 'flag':
      if (typeof value !== 'boolean') refuse('it must be true or false');
      break;
    case 'text':
      if (typeof value !== 'string' || value === '') refuse('it must not be empty');
      break;
  }
  return value;
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const inRange = (value: number, { minimum, maximum }: Range): boolean => value >= minimum && value <= maximum;
const rangeOf = ({ minimum, maximum }: Range): string => `from ${minimum} to ${maximum}`;
