/** Decodes many pictures: on this thread, or on several. */
import { LanewiseError } from '../runtime/errors.js';
import { availableCores } from '../runtime/host.js';
import { openWorker, type WorkerChannel } from '../runtime/workers.js';
import { carried } from './carried.js';
import { type DecodeAnswer, type DecodeRequest, decodeOne } from './decodeOne.js';
import { decodeScript } from './decodeScript.generated.js';
import type { ImageOptions } from './fit.js';

/** A picture that is still to be read. */
export interface PictureSource {
  readonly name: string;
  read(): Uint8Array | Promise<Uint8Array>;
}

/** What is done with a picture, or why there is none. */
export type Deliver = (place: number, image: Uint8Array | null, reason: string) => void;

/** How pictures are decoded. */
export interface DecodeAllOptions {
  readonly image: ImageOptions;
  readonly workers?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Fewer pictures are decoded before workers have started. */
const FEW = 64;
const MOST_WORKERS = 16;
/** Pictures that a worker has at a time, so that it never waits for the next. */
const AHEAD = 2;
/** Between two pictures on this thread, others may run after so many milliseconds. */
const TURN = 20;

/** Decodes all pictures, and hands over each as soon as it is there, in any order. */
export async function decodeAll(
  sources: readonly PictureSource[],
  options: DecodeAllOptions,
  deliver: Deliver,
): Promise<void> {
  const cores = Math.min(MOST_WORKERS, availableCores() ?? 1);
  const workers = Math.min(options.workers ?? (sources.length <= FEW || cores === 1 ? 0 : cores), sources.length);
  let done = 0;
  const finish: Deliver = (place, image, reason) => {
    deliver(place, image, reason);
    options.onProgress?.(++done, sources.length);
  };
  if (workers === 0 || !(await decodeInWorkers(sources, options.image, workers, finish))) {
    if (done === 0) await decodeHere(sources, options.image, finish);
  }
}

/** The bytes of a picture; null, after handing over why, where they cannot be read. */
async function bytesOf(source: PictureSource, place: number, deliver: Deliver): Promise<Uint8Array | null> {
  try {
    return await source.read();
  } catch (error) {
    deliver(place, null, error instanceof LanewiseError ? error.reason : (error as Error).message);
    return null;
  }
}

async function decodeHere(sources: readonly PictureSource[], image: ImageOptions, deliver: Deliver): Promise<void> {
  let since = performance.now();
  for (const [place, source] of sources.entries()) {
    const bytes = await bytesOf(source, place, deliver);
    if (bytes !== null) {
      const answer = decodeOne({ place, name: source.name, bytes, image });
      deliver(place, answer.image, answer.reason);
    }
    if (performance.now() - since < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  }
}

/**
 * Decodes in workers.
 *
 * @returns false, before anything was handed over, where none could be started
 */
function decodeInWorkers(
  sources: readonly PictureSource[],
  image: ImageOptions,
  count: number,
  deliver: Deliver,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const channels: WorkerChannel[] = [];
    let [next, done] = [0, 0];
    const end = (settle: () => void): void => {
      for (const channel of channels) channel.terminate();
      settle();
    };
    const finish: Deliver = (place, result, reason) => {
      try {
        deliver(place, result, reason);
      } catch (error) {
        end(() => reject(error));
      }
      if (++done === sources.length) end(() => resolve(true));
    };
    const give = async (channel: WorkerChannel): Promise<void> => {
      while (next < sources.length) {
        const place = next++;
        const { name } = sources[place]!;
        const bytes = await bytesOf(sources[place]!, place, finish);
        if (bytes === null) continue;
        channel.post({ place, name, bytes, image } satisfies DecodeRequest);
        return;
      }
    };
    try {
      for (let i = 0; i < count; i++) {
        const channel = openWorker(
          { text: decodeScript },
          {
            onMessage: (message) => {
              const answer = message as DecodeAnswer;
              finish(answer.place, answer.image, answer.reason);
              void give(channel);
            },
            onLost: (reason) => end(() => (done === 0 ? resolve(false) : reject(new Error(reason)))),
          },
        );
        channels.push(channel);
        channel.post({ ...carried });
        for (let ahead = 0; ahead < AHEAD; ahead++) void give(channel);
      }
    } catch {
      end(() => resolve(false));
    }
  });
}
