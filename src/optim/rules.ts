import { describe } from '../runtime/describe.js';
import { ArgumentError } from '../runtime/errors.js';

/** What an option may be. */
export interface Rule {
  /** Whether it may be this. */
  readonly holds: (value: unknown) => boolean;
  /** Completes "must be …". */
  readonly expected: string;
}

/** What each of the options may be. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const finite: Rule = { holds: isFiniteNumber, expected: 'a finite number' };
export const notNegative: Rule = {
  holds: (value) => isFiniteNumber(value) && value >= 0,
  expected: 'a finite number ≥ 0',
};
export const positive: Rule = { holds: (value) => isFiniteNumber(value) && value > 0, expected: 'a finite number > 0' };
export const count: Rule = {
  holds: (value) => Number.isInteger(value) && (value as number) >= 0,
  expected: 'a whole number ≥ 0',
};
export const positiveCount: Rule = {
  holds: (value) => Number.isInteger(value) && (value as number) > 0,
  expected: 'a whole number > 0',
};
/** For what averages decay by: at 1 they would never move. */
export const decay: Rule = {
  holds: (value) => isFiniteNumber(value) && value >= 0 && value < 1,
  expected: 'a number in [0, 1)',
};
export const fraction: Rule = {
  holds: (value) => isFiniteNumber(value) && value >= 0 && value <= 1,
  expected: 'a number in [0, 1]',
};
export const flag: Rule = { holds: (value) => typeof value === 'boolean', expected: 'true or false' };
export const decays: Rule = {
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every(decay.holds),
  expected: 'two numbers in [0, 1)',
};
export const callable: Rule = { holds: (value) => typeof value === 'function', expected: 'a function' };

export const listOf = (rule: Rule): Rule => ({
  holds: (value) => Array.isArray(value) && value.every(rule.holds),
  expected: `an array, each ${rule.expected}`,
});
export const either = (first: Rule, second: Rule): Rule => ({
  holds: (value) => first.holds(value) || second.holds(value),
  expected: `${first.expected}, or ${second.expected}`,
});
export const oneOf = (...values: readonly string[]): Rule => ({
  holds: (value) => values.includes(value as string),
  expected: values.map((value) => `'${value}'`).join(' or '),
});
export const optional = (rule: Rule): Rule => ({
  holds: (value) => value === undefined || rule.holds(value),
  expected: rule.expected,
});

/** @throws {ArgumentError} when an option has no rule, or breaks it */
export function checkOptions(where: string, options: object, rules: Readonly<Record<string, Rule>>): void {
  for (const option of Object.keys(options)) {
    if (rules[option] === undefined)
      throw new ArgumentError(`there is no option ${option}`, {
        where,
        hint: `the options are ${Object.keys(rules).join(', ')}`,
      });
  }
  for (const [option, rule] of Object.entries(rules)) {
    const value = (options as Record<string, unknown>)[option];
    if (!rule.holds(value))
      throw new ArgumentError(`${option} must be ${rule.expected}, not ${show(value)}`, { where });
  }
}

/** Whether it is an object with fields of its own making: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a message: a list with what is in it. */
export function show(value: unknown): string {
  if (value === undefined) return 'left out';
  if (typeof value === 'string') return `'${value}'`;
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]` : describe(value);
}
