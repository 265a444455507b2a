import type { TableScaler } from './types.js';

/** Names of the inputs that a scaler makes. */
export const inputNames = ({ inputs, categories }: TableScaler): string[] =>
  inputs.flatMap((input) =>
    input.kind === 'number' || categories === 'codes'
      ? [input.name]
      : input.values.map((value) => `${input.name}=${value}`),
  );
