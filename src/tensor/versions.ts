/**
 * Notices that `backward()` would read elements which were overwritten since the operation that saved them.
 *
 * The clock counts recorded operations. A storage knows when it was made and when it was last overwritten in place;
 * while the backward pass of an operation runs, whatever it reads must not have been overwritten after that operation
 * was recorded. (Tensors that were made later, such as gradients, are free to change.) This needs no list of what each
 * operation saves: what counts is what its backward pass reads.
 *
 * @see PyTorch's version counters, "one of the variables needed for gradient computation has been modified by an
 *   inplace operation"
 */

/** `now` is the number of operations recorded so far. @internal */
export const clock = { now: 0 };

/**
 * `since` is the time at which the operation was recorded whose backward pass is running; Infinity: none is.
 *
 * @internal
 */
export const reading = { since: Infinity, operation: '' };
