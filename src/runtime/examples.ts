/**
 * A right call of each function and class whose arguments were checked, by name: what errors of that name show.
 *
 * @internal
 */
export const examples = new Map<string, string>();
