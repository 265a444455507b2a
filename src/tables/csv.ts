/**
 * CSV as records of texts, piece by piece. Papa Parse splits the records; delimiter and line ends are guessed here.
 *
 * @see RFC 4180
 */
import Papa from 'papaparse';
import { TableError } from './errors.js';

/** How a file is written. */
export interface CsvFormat {
  /** Between the fields of a record. Default: the one of comma, semicolon, tab and bar that fits the first lines. */
  readonly delimiter?: string | undefined;
}

/** Characters of a file that guesses are made from. */
const PREVIEW = 2 ** 16;
const PREVIEW_RECORDS = 20;
/** The longest record, in characters: beyond it a quote was left open. */
const LONGEST = 2 ** 20;

const DELIMITERS = [',', ';', '\t', '|'];

/** Takes a text apart as it arrives, and hands on its records. */
export class CsvReader {
  #text = '';
  #row = 0;
  #newline: '\n' | '\r' | undefined;
  #delimiter: string | undefined;

  /**
   * @param file its name, for messages
   * @param onRecord gets each record with its row, counted from 1; records of blanks alone are left out
   */
  constructor(
    private readonly file: string,
    format: CsvFormat,
    private readonly onRecord: (fields: string[], row: number) => void,
  ) {
    this.#delimiter = format.delimiter;
  }

  /** What stands between the fields, once the first piece was read. */
  get delimiter(): string {
    return this.#delimiter ?? ',';
  }

  /** The next piece of the text. @throws {TableError} on quotes that are left open or closed within a field */
  push(piece: string, last = false): void {
    if (this.#row === 0 && this.#text === '' && piece.startsWith('\uFEFF')) piece = piece.slice(1);
    this.#text += piece;
    if (!last && this.#text.length < PREVIEW) return;
    this.#guess();
    let end = 0;
    const parser = new Papa.Parser({
      delimiter: this.#delimiter!,
      newline: this.#newline!,
      step: ({ data, errors, meta }: Papa.ParseStepResult<string[][]>) => {
        end = meta.cursor;
        this.#record(data as unknown as string[][], errors);
      },
    } as Papa.ParseConfig);
    parser.parse(this.#text, 0, !last);
    this.#text = this.#text.slice(end);
    if (last || this.#text.length <= LONGEST) return;
    throw new TableError(`this record has more than ${LONGEST} characters`, {
      file: this.file,
      row: this.#row + 1,
      hint: 'is a quotation mark left open?',
    });
  }

  #guess(): void {
    if (this.#newline !== undefined) return;
    const preview = this.#text.slice(0, PREVIEW);
    this.#newline = preview.includes('\r') && !preview.includes('\n') ? '\r' : '\n';
    this.#delimiter ??= guessDelimiter(preview, this.#newline, this.#text.length > PREVIEW);
  }

  #record([fields = ['']]: string[][], errors: readonly Papa.ParseError[]): void {
    this.#row++;
    const end = fields.length - 1;
    if (fields[end]!.endsWith('\r')) fields[end] = fields[end]!.slice(0, -1);
    const [error] = errors;
    if (error !== undefined) {
      throw new TableError(
        error.code === 'MissingQuotes' ? 'a quotation mark is left open' : 'a quotation mark stands within a field',
        { file: this.file, row: this.#row, hint: 'a quotation mark in a quoted field is written twice: ""' },
      );
    }
    if (end > 0 || fields[0]!.trim() !== '') this.onRecord(fields, this.#row);
  }
}

/** The delimiter with which the first records have the same number of fields, and the most of them. */
function guessDelimiter(preview: string, newline: '\n' | '\r', isPart: boolean): string {
  let [best, most] = [',', 0];
  for (const delimiter of DELIMITERS) {
    const parser = new Papa.Parser({ delimiter, newline, preview: PREVIEW_RECORDS });
    const { data } = parser.parse(preview, 0, isPart) as { data: string[][] };
    const sizes = data.filter((fields) => fields.length > 1 || fields[0]?.trim() !== '').map(({ length }) => length);
    const [first = 0] = sizes;
    // A delimiter that fits all records stands before those that do not.
    const score = first < 2 ? 0 : sizes.every((size) => size === first) ? 1000 + first : first / 1000;
    if (score > most) [best, most] = [delimiter, score];
  }
  return best;
}
