/** Lines by room: a folder of `src/`, or another folder at the top. */
export function linesByRoom(): Map<string, number>;
/** The names of the kernels by their number of arguments. */
export function kernelsByArguments(): Map<number, string[]>;
/** The tables of docs/architecture.md. */
export function sizeTables(): string;
