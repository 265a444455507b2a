/** The address of an operand, or 0 where it is not there. In the signature of a kernel: others must be there. */
export type OptionalAddress = usize;
