/** What a command shows: lines for people, or events for programs, on stdout; everything else on stderr. */
import process from 'node:process';
import { visible, visibleJson } from './visible.js';

export class Output {
  constructor(readonly json: boolean) {}

  /** A line for people; where programs listen, there is none. */
  line(text: string): void {
    if (!this.json) process.stdout.write(`${visible(text)}\n`);
  }

  /** A line for programs; where people look, there is none. Numbers that JSON cannot hold become null. */
  event(event: string, fields: object): void {
    if (this.json) process.stdout.write(`${visibleJson({ event, ...fields })}\n`);
  }

  /** A line of what is worth knowing but no result. */
  note(text: string): void {
    process.stderr.write(`${visible(text)}\n`);
  }
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** `1,234,567` */
export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 h 02 min`, `3 min 20 s`, `12 s` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}
