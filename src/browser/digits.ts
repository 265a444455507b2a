/** The images that are trained on. They stay outside of the page's own memory: blobs, which workers read. */

export interface ImageSet {
  /** A byte per pixel, image after image. */
  readonly images: Blob;
  /** A byte per image: its class. */
  readonly labels: Blob;
  readonly count: number;
}

export interface Digits {
  /** Where they come from, in a few words. */
  readonly source: string;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** What the user should know about them. */
  readonly notes: readonly string[];
}

/** One image with its class. */
export interface Digit {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** What the worker that reads files is asked for, and what it answers. */
export type FilesRequest = { readonly do: 'fetch'; readonly base: string } | { readonly do: 'read'; readonly files: readonly File[] };
export type FilesReply =
  | { readonly is: 'digits'; readonly digits: Digits }
  | { readonly is: 'picture'; readonly digit: Uint8Array }
  | { readonly is: 'error'; readonly message: string };

/** Reads files, or what the server has, in a worker of its own. @throws {Error} saying what is wrong with them */
export function readDigits(request: FilesRequest): Promise<Exclude<FilesReply, { is: 'error' }>> {
  const worker = new Worker(new URL('./files.worker.ts', import.meta.url), { type: 'module', name: 'files' });
  return new Promise<Exclude<FilesReply, { is: 'error' }>>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FilesReply>) => (data.is === 'error' ? reject(new Error(data.message)) : resolve(data));
    worker.onerror = (event) => reject(new Error(`the files cannot be read: ${event.message || 'their worker did not start'}`));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

/** The image at a position of a set. */
export async function digitAt({ height, width }: Digits, { images, labels }: ImageSet, index: number): Promise<Digit> {
  const size = height * width;
  const bytes = async (part: Blob): Promise<Uint8Array> => new Uint8Array(await part.arrayBuffer());
  const [pixels, label] = await Promise.all([bytes(images.slice(index * size, (index + 1) * size)), bytes(labels.slice(index, index + 1))]);
  return { pixels, label: label[0]! };
}
