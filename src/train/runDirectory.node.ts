/** A run on disk. */
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../io/files.node.js';
import { CheckpointError, FileWriteError } from '../runtime/errors.js';
import type { Checkpoint, CheckpointStore } from './checkpoint.js';
import { takeLock } from './lock.node.js';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const BEST = 'best.safetensors';
const LAST = 'last.safetensors';
const STATE = 'state.safetensors';
const LOCK = 'lock';

/**
 * A directory that holds one run:
 *
 *   config.json        the settings it was begun with
 *   metrics.jsonl      one line for each complete epoch
 *   last.safetensors   the weights of the last checkpoint
 *   best.safetensors   the weights of the best epoch so far
 *   state.safetensors  all that the run needs to go on: weights, optimizer, scheduler, random streams, place in the epoch
 *   lock               the process that works here, while one does
 *
 * Each file is replaced whole. The state is written last, and a run goes on from the state alone: after a kill at any
 * instant the other files belong to the same checkpoint, or to the next one, which the resumed run reaches again with
 * the same bits.
 */
export class RunDirectory implements CheckpointStore {
  readonly #release: () => void;
  /** Epochs in the file of metrics, as far as this process wrote it. */
  #epochsWritten = -1;

  private constructor(readonly path: string, readonly config: unknown, release: () => void) {
    this.#release = release;
  }

  /**
   * Begins a run in a directory that holds none yet; makes the directory where it is missing.
   *
   * @param config what JSON can hold; `open` gives it back
   * @throws {CheckpointError} when it holds a run, or another process is at work there
   * @throws {FileWriteError} when it cannot be written to
   */
  static create(directory: string, config: unknown): RunDirectory {
    const made = makeDirectory(directory);
    try {
      const release = takeLock(path.join(directory, LOCK));
      try {
        if ([CONFIG, STATE].some((name) => fs.existsSync(path.join(directory, name)))) {
          throw new CheckpointError('this directory holds a run already', { where: directory, hint: `continue it with --resume ${directory}, or choose another --out` });
        }
        writeFileAtomic(path.join(directory, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
        return new RunDirectory(directory, config, release);
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      if (made !== undefined) removeIfEmpty(directory);
      throw error;
    }
  }

  /**
   * Opens a run to continue it.
   *
   * @throws {CheckpointError} when there is none, or another process is at work there
   */
  static open(directory: string): RunDirectory {
    const file = path.join(directory, CONFIG);
    if (!fs.existsSync(file)) throw new CheckpointError(`there is no run here: ${CONFIG} is missing`, { where: directory, hint: 'a run is continued from the directory that `lanewise train` wrote' });
    const release = takeLock(path.join(directory, LOCK));
    try {
      removeUnfinished(directory);
      return new RunDirectory(directory, JSON.parse(fs.readFileSync(file, 'utf8')), release);
    } catch (cause) {
      release();
      throw new CheckpointError(`cannot be read: ${(cause as Error).message}`, { where: file, cause });
    }
  }

  /** Path of the weights of the last checkpoint. */
  get last(): string {
    return path.join(this.path, LAST);
  }

  /** Path of the weights of the best epoch; the file is there once an epoch is complete. */
  get best(): string {
    return path.join(this.path, BEST);
  }

  /** Path of the state. */
  get name(): string {
    return path.join(this.path, STATE);
  }

  load(): Uint8Array | null {
    return fs.existsSync(this.name) ? fs.readFileSync(this.name) : null;
  }

  save({ state, weights, isBest, progress: { history } }: Checkpoint): void {
    if (isBest) writeFileAtomic(this.best, weights);
    writeFileAtomic(this.last, weights);
    if (history.length !== this.#epochsWritten) {
      writeFileAtomic(path.join(this.path, METRICS), history.map((metrics) => `${JSON.stringify(metrics)}\n`).join(''));
      this.#epochsWritten = history.length;
    }
    writeFileAtomic(this.name, state);
  }

  /** Lets other processes work here. Happens by itself when the process ends. */
  close(): void {
    this.#release();
  }
}

/**
 * Makes a directory and those above it, one by one: `recursive: true` never returns below /proc. Returns the first one
 * that was missing.
 */
function makeDirectory(directory: string): string | undefined {
  try {
    const missing: string[] = [];
    for (let above = path.resolve(directory); !fs.existsSync(above); above = path.dirname(above)) missing.unshift(above);
    for (const each of missing) fs.mkdirSync(each);
    if (!fs.statSync(directory).isDirectory()) throw new Error('it is not a directory');
    return missing[0];
  } catch (cause) {
    throw new FileWriteError(`cannot be made: ${(cause as Error).message}`, { where: directory, hint: 'choose an --out that you may write to', cause });
  }
}

/** Removes what a kill in the midst of `writeFileAtomic` left. */
function removeUnfinished(directory: string): void {
  const ours = [CONFIG, METRICS, BEST, LAST, STATE];
  for (const name of fs.readdirSync(directory)) {
    if (name.endsWith('.tmp') && ours.some((file) => name.startsWith(`.${file}.`))) fs.rmSync(path.join(directory, name), { force: true });
  }
}

function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // Something is in it, or it cannot be removed: it stays.
  }
}
