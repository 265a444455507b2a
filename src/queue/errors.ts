import { LanewiseError } from '../index.js';

/** A queue that cannot be used: its address, its server, what lies in it, or the packages that reach it. */
export class QueueError extends LanewiseError {
  override readonly code: string = 'LANEWISE_QUEUE';
}
