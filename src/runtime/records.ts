/** Records in memory that kernels read their sizes from. assembly/ declares them, as `@unmanaged` classes. */
import type { RecordAddress } from './address.js';
import { records } from './kernels.generated.js';
import { viewI32 } from './memory.js';
import { withMemory } from './scratch.js';

export type { RecordAddress };

export type RecordName = keyof typeof records;

/** What a record holds. */
export type RecordOf<Name extends RecordName> = { readonly [Field in (typeof records)[Name][number]]: number };

/**
 * Runs `use` with the address of a record that holds these values, and is free again afterwards.
 * @internal
 */
export function withRecord<Name extends RecordName, R>(
  name: Name,
  values: RecordOf<Name>,
  use: (record: RecordAddress<Name>) => R,
): R {
  const fields: readonly (keyof RecordOf<Name>)[] = records[name];
  return withMemory(4 * fields.length, (address) => {
    const words = viewI32(address, fields.length);
    for (let i = 0; i < fields.length; i++) words[i] = values[fields[i]!];
    return use(address as number as RecordAddress<Name>);
  });
}
