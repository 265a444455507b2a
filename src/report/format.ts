/** Numbers and text as the reports print them. */

/** Not to be read as markup, in text and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Not to be read as a table's bar, as emphasis, as a link or as markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\|*_`[\]<>]/g, (sign) => `\\${sign}`).replace(/\s*[\n\r]\s*/g, ' ');
}

/** A field of CSV (RFC 4180); what a spreadsheet would take for a formula is text to it. */
export function csvField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** JSON that may stand within a `<script>` element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** `0.83`, `12.4`, `1520`: seconds, as exact as they are worth. */
export const plainSeconds = (value: number): string => value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0);

/** `12.4 s`, `3 min 20 s`, `1 h 02 min` */
export function duration(seconds: number): string {
  if (seconds < 60) return `${plainSeconds(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
}

/** `1,234,567` */
export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** A setting: `0.01`, `2.03e-8`. */
export function setting(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5
    ? String(Number(value.toPrecision(5)))
    : value
        .toExponential(4)
        .replace(/\.?0*e/, 'e')
        .replace('e+', 'e');
}
