/** The speed table of README.md, from the text of docs/benchmarking.md. */
export function speedTable(page: string): string;
