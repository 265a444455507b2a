/** What options may be. One rule per option, checked whenever a group gets its options. */
export interface Rule {
  readonly holds: (value: unknown) => boolean;
  /** Completes "must be …". */
  readonly expected: string;
}

export type Rules<Options> = { readonly [Name in keyof Options]: Rule };

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const finite: Rule = { holds: isFinite, expected: 'a finite number' };
export const notNegative: Rule = { holds: (value) => isFinite(value) && value >= 0, expected: 'a finite number ≥ 0' };
/** For what averages decay by: at 1 they would never move. */
export const decay: Rule = { holds: (value) => isFinite(value) && value >= 0 && value < 1, expected: 'a number in [0, 1)' };
export const flag: Rule = { holds: (value) => typeof value === 'boolean', expected: 'true or false' };
export const decays: Rule = { holds: (value) => Array.isArray(value) && value.length === 2 && value.every(decay.holds), expected: 'two numbers in [0, 1)' };
