/** What `trainInWorker` and `serveTraining` say to each other. */
import { SettingError } from '../recipes/table.js';
import * as errors from '../runtime/errors.js';
import type { RuntimeInfo } from '../runtime/options.js';
import type { EpochMetrics } from '../train/checkpoint.js';
import type { BatchReport, FitResult } from '../train/options.js';

/** From the program to the worker. */
export type ToWorker =
  | {
      readonly kind: 'begin';
      readonly settings: unknown;
      readonly data: unknown;
      readonly threads?: number;
      readonly paused: boolean;
      readonly kernels?: string;
    }
  | { readonly kind: 'pause' | 'step'; readonly id: number; readonly batches?: number }
  | { readonly kind: 'resume' | 'stop' | 'ping' }
  | { readonly kind: 'request'; readonly id: number; readonly name: string; readonly argument: unknown };

/** From the worker to the program. */
export type FromWorker =
  | { readonly kind: 'listening' | 'pong' }
  | { readonly kind: 'built'; readonly info: TrainingInfo }
  | { readonly kind: 'batches'; readonly reports: readonly BatchReport[] }
  | { readonly kind: 'epoch'; readonly metrics: EpochMetrics }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'finished'; readonly result: TrainingResult }
  | { readonly kind: 'failed'; readonly error: WireError };

/** What was built in the worker. */
export interface TrainingInfo {
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Batches in an epoch. */
  readonly batches: number;
  readonly runtime: RuntimeInfo;
}

/** What a run in a worker came to. */
export interface TrainingResult extends FitResult {
  /** SHA-256 of the weights, as `digest(model.stateDict())` gives it. */
  readonly digest: string;
  /** The weights, as the bytes of a safetensors file with PyTorch's keys. */
  readonly weights: Uint8Array;
}

/** An error, as a message can carry it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a `LanewiseError` tells beside its message. */
const FIELDS = ['code', 'where', 'reason', 'summary', 'hint', 'layer', 'sample', 'file', 'offset', 'setting', 'words'];

export function toWire(thrown: unknown): WireError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown), fields: {} };
  const fields = Object.fromEntries(
    FIELDS.filter((name) => name in thrown).map((name) => [name, (thrown as unknown as Record<string, unknown>)[name]]),
  );
  return {
    name: thrown.name,
    message: thrown.message,
    fields,
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
  };
}

/** The error again: of the same class where it is one of lanewise's, with the stack of the worker. */
export function fromWire({ name, message, stack, fields }: WireError): Error {
  const ours = ({ ...errors, SettingError } as Record<string, unknown>)[name] as
    | { readonly prototype: Error }
    | undefined;
  const error = new Error(message);
  if (ours !== undefined) Object.setPrototypeOf(error, ours.prototype);
  const told = { name, message, ...fields, ...(stack !== undefined && { stack }) };
  for (const [key, value] of Object.entries(told))
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  return error;
}
