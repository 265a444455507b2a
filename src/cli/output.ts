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
