/** A scaler that was read from a file is looked at before it is used. */
import { CheckpointError } from '../runtime/errors.js';
import type { TableScaler } from './types.js';

const isText = (value: unknown): boolean => typeof value === 'string';
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

function isColumn(value: unknown): boolean {
  const { name, kind, mean, std, values } = (value ?? {}) as Record<string, unknown>;
  if (!isText(name)) return false;
  if (kind === 'category') return areTexts(values) && new Set(values as string[]).size === (values as string[]).length;
  return kind === 'number' && Number.isFinite(mean) && Number.isFinite(std) && (std as number) > 0;
}

/** Whether it has all that a scaler has, with values that can be computed with. */
export function isScaler(value: unknown): value is TableScaler {
  const { inputs, target, categories, missing, missingValues } = (value ?? {}) as Record<string, unknown>;
  return (
    Array.isArray(inputs) &&
    inputs.length > 0 &&
    inputs.every(isColumn) &&
    (target === null || isColumn(target)) &&
    ['onehot', 'codes'].includes(categories as string) &&
    ['error', 'mean', 'drop'].includes(missing as string) &&
    areTexts(missingValues)
  );
}

/** @throws {CheckpointError} when it is not a scaler */
export function checkScaler(value: unknown, where: string): TableScaler {
  if (isScaler(value)) return value;
  throw new CheckpointError('this is not a scaler: table.scaler of loadTable is one', { where });
}
