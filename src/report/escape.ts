/** Text that the formats of a report do not read as markup. */

/** Not to be read as markup, in text and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Not to be read as a table's bar, as emphasis, as a link or as markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\|*_`[\]<>]/g, (sign) => `\\${sign}`).replace(/\s*[\n\r]\s*/g, ' ');
}

/** JSON that may stand within a `<script>` element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
