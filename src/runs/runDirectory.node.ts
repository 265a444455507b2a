/** A run on disk. */
import fs from 'node:fs';
import path from 'node:path';
import { makeDirectory, removeEmpty, removeUnfinished, writeFileAtomic } from '../io/files.node.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, CheckpointError } from '../runtime/errors.js';
import { readRegularFile } from '../runtime/readFile.node.js';
import type { Checkpoint, CheckpointStore } from '../train/checkpoint.js';
import { takeLock } from './lock.node.js';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const BEST = 'best.safetensors';
const LAST = 'last.safetensors';
const STATE = 'state.safetensors';
const REPORT = 'report.html';
const LOCK = 'lock';
const OURS = [CONFIG, STATE, LAST, BEST, METRICS];

const SAVE =
  'RunDirectory.save(checkpoint={ state!: bytes, weights!: bytes, isBest!: true, ' +
  'progress!: { history!: [any], ... } })';

/** More bytes than settings have. */
const LARGEST_CONFIG = 2 ** 24;

/**
 * A directory that holds one run:
 *
 *   config.json        the settings it was begun with
 *   metrics.jsonl      one line for each complete epoch
 *   last.safetensors   the weights of the last checkpoint
 *   best.safetensors   the weights of the best epoch so far
 *   state.safetensors  all that the run needs to go on: weights, optimizer, scheduler, random streams, place in the
 *                      epoch
 *   report.html        curves, errors and settings, once the run has ended
 *   lock               the process that works here, while one does
 *
 * Each file is replaced whole. The config is the first file. The first state is written before the first weights and
 * metrics, so that these are never alone; each later one after them, and a run goes on from the state alone: after a
 * kill at any instant the other files belong to the same checkpoint, or to the next one, which the resumed run reaches
 * again with the same bits.
 */
export class RunDirectory implements CheckpointStore {
  readonly #release: () => void;
  /** Epochs in the file of metrics, as far as this process wrote it. */
  #epochsWritten = -1;

  private constructor(
    readonly path: string,
    readonly config: unknown,
    release: () => void,
  ) {
    this.#release = release;
  }

  /**
   * Begins a run in a directory that holds none yet; makes the directory where it is missing.
   *
   * @param config what JSON can hold; `open` gives it back
   * @throws {ArgumentError} when JSON cannot hold the config
   * @throws {CheckpointError} when it holds a run or files of one, or another process is at work there (`LockedError`)
   * @throws {FileWriteError} when it cannot be written to
   */
  static create(directory: string, config: unknown): RunDirectory {
    checkArguments('RunDirectory.create(directory="runs/first", config?=settings|any)', directory, config);
    const text = encodeConfig(config);
    const made = makeDirectory(directory);
    try {
      const release = takeLock(path.join(directory, LOCK));
      try {
        removeUnfinished(directory, [...OURS, REPORT]);
        const [found] = OURS.filter((name) => exists(path.join(directory, name)));
        if (found === CONFIG || found === STATE) {
          throw new CheckpointError('this directory holds a run already', {
            where: directory,
            hint: 'continue it, or choose another directory',
            options: ['resume', 'out'],
          });
        }
        if (found !== undefined)
          throw new CheckpointError(`this directory holds the ${found} of a run`, {
            where: directory,
            hint: 'choose another directory, or move that file',
            options: ['out'],
          });
        writeFileAtomic(path.join(directory, CONFIG), text);
        return new RunDirectory(directory, config, release);
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      removeEmpty(made);
      throw error;
    }
  }

  /**
   * Opens a run to continue it.
   *
   * @throws {CheckpointError} when there is none, its config cannot be read, or another process is at work there
   *   (`LockedError`)
   * @throws {FileWriteError} when the lock cannot be written
   */
  static open(directory: string): RunDirectory {
    checkArguments('RunDirectory.open(directory="runs/first")', directory);
    const file = path.join(directory, CONFIG);
    if (!exists(file))
      throw new CheckpointError(`there is no run here: ${CONFIG} is missing`, {
        where: directory,
        hint: 'a run is continued from the directory that `lanewise train` wrote',
      });
    const release = takeLock(path.join(directory, LOCK));
    try {
      removeUnfinished(directory, [...OURS, REPORT]);
      return new RunDirectory(directory, readConfig(file), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Path of the settings that the run was begun with. */
  get configFile(): string {
    return path.join(this.path, CONFIG);
  }

  /** Path of the weights of the last checkpoint. */
  get last(): string {
    return path.join(this.path, LAST);
  }

  /** Path of the weights of the best epoch; the file is there once an epoch is complete. */
  get best(): string {
    return path.join(this.path, BEST);
  }

  /** Path of the report that `lanewise train` writes at the end of a run. */
  get report(): string {
    return path.join(this.path, REPORT);
  }

  /** Path of the state. */
  get name(): string {
    return path.join(this.path, STATE);
  }

  /**
   * The state saved last; null when the run has not begun.
   *
   * @throws {CheckpointError} when it cannot be read, or when it is missing but weights or metrics of the run exist,
   *   which a run from the beginning would overwrite
   */
  load(): Uint8Array | null {
    if (exists(this.name))
      return readRegularFile(this.name, {
        error: CheckpointError,
        hint: `the weights of the last checkpoint are in ${LAST}`,
      });
    const left = [LAST, BEST, METRICS].filter((name) => exists(path.join(this.path, name)));
    if (left.length === 0) return null;
    throw new CheckpointError(`the state of the run is missing; a new run here would overwrite ${left.join(', ')}`, {
      where: this.name,
      hint: `put ${STATE} back, or begin a new run in another directory, with ${LAST} as its initial weights`,
      options: ['out', 'init'],
    });
  }

  save(checkpoint: Checkpoint): void {
    checkArguments(SAVE, checkpoint);
    const { state, weights, isBest } = checkpoint;
    const { history } = checkpoint.progress;
    const isFirst = !exists(this.name);
    if (isFirst) writeFileAtomic(this.name, state);
    if (isBest) writeFileAtomic(this.best, weights);
    writeFileAtomic(this.last, weights);
    if (history.length !== this.#epochsWritten) {
      writeFileAtomic(path.join(this.path, METRICS), history.map((metrics) => `${JSON.stringify(metrics)}\n`).join(''));
      this.#epochsWritten = history.length;
    }
    if (!isFirst) writeFileAtomic(this.name, state);
  }

  /** Lets other processes work here. Happens by itself when the process ends. */
  close(): void {
    this.#release();
  }
}

function encodeConfig(config: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(config, null, 2);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return `${text}\n`;
  const reason = cause instanceof Error ? cause.message : `it is ${typeof config}`;
  throw new ArgumentError(`JSON cannot hold the config: ${reason}`, {
    where: 'RunDirectory.create',
    hint: 'pass an object of numbers, texts, booleans, null and lists of these',
    cause,
  });
}

function readConfig(file: string): unknown {
  const hint = 'put back the file that the run was begun with';
  const bytes = readRegularFile(file, { limit: LARGEST_CONFIG, error: CheckpointError, hint });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CheckpointError(`cannot be read: ${(cause as Error).message}`, { where: file, hint, cause });
  }
}

/** Whether anything has this name, even a link that leads nowhere. */
function exists(file: string): boolean {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'; // Reading it then says so.
  }
}
