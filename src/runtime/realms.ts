/** What a value is, whichever realm it comes from: a frame, `node:vm` or Jest has classes of its own. */

/** The tag of a value, the same in every realm: `[object URL]`. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** Whether a value is a URL. */
export function isUrl(value: unknown): value is URL {
  return tagOf(value) === '[object URL]';
}
