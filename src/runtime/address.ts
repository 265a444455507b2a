declare const isAddress: unique symbol;

/**
 * An address in the memory of the kernels. It is a number, but no number is an address: where a kernel takes an address
 * and a size, a swapped pair does not compile.
 */
export type Address = number & { readonly [isAddress]: true };

/** An address, or 0 for an operand that is not there. */
export type OptionalAddress = Address | 0;

declare const kind: unique symbol;

/** The address of a record of one kind. */
export type RecordAddress<Name extends string> = number & { readonly [kind]: Name };

/** The address `bytes` behind another. */
export function offset(address: Address, bytes: number): Address {
  return (address + bytes) as Address;
}
