/** Numbers as the command line, the reports and the page print them. */

/** `98.76 %` */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** `1,234,567` */
export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** `1,234 images`, `1 image`; `one` is the noun in the singular. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** Seconds, with the decimals that matter: `0.83`, `12.4`, `1520`. */
export const plainSeconds = (value: number): string => value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0);

/** `12.4 s`, `3 min 20 s`, `1 h 02 min` */
export const duration = (seconds: number): string =>
  seconds < 60 ? `${plainSeconds(seconds)} s` : roundedDuration(seconds);

/** `12 s`, `3 min 20 s`, `1 h 02 min` */
export function roundedDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}

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
