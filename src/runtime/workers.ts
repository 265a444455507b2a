/** Workers and the messages to and from them, the same in pages and in Node. */
import { UnsupportedError } from './errors.js';
import { builtin } from './host.js';

/** A worker, as pages have it. */
export interface WebWorker {
  /** Sends a message, and gives the buffers away. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** Listens to what it sends, and to its end. */
  addEventListener(
    type: 'message' | 'error' | 'messageerror',
    listener: (event: { readonly data?: unknown; readonly message?: string }) => void,
  ): void;
  /** Ends it at once. */
  terminate(): void;
}

/** A worker, as `node:worker_threads` has it. */
export interface NodeWorker {
  /** Sends a message, and gives the buffers away. */
  postMessage(message: unknown, transfer?: readonly never[]): void;
  /** Listens to what it sends, and to its end. */
  readonly on: (...event: never[]) => unknown;
  /** Ends it at once. */
  terminate(): unknown;
  /** Keeps the program alive while it is. */
  ref(): void;
  /** Lets the program end while it is alive. */
  unref(): void;
}

/** A worker that is to be started. */
export interface WorkerScript {
  /** The script that it runs. */
  readonly text: string;
  /** Where pages find the script, if not in a Blob. */
  readonly url?: string | URL | undefined;
}

export interface ChannelListeners {
  /** @param message what the other side posted */
  onMessage(message: unknown): void;
  /** The worker is gone, or cannot be: called once at most. @param reason in words */
  onLost(reason: string): void;
}

/** The program's end of the line to a worker. */
export interface WorkerChannel {
  post(message: unknown, transfer?: Transferable[]): void;
  /** Whether the worker keeps the program alive (Node). */
  keepAlive(on: boolean): void;
  terminate(): void;
}

/** A worker's end of the line to the program that started it. */
export interface ParentChannel {
  post(message: unknown, transfer?: Transferable[]): void;
}

interface NodeThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
  readonly parentPort: {
    postMessage(message: unknown, transfer?: readonly Transferable[]): void;
    on(event: 'message', listener: (message: unknown) => void): void;
  } | null;
}

const nodeThreads = (): NodeThreads | undefined => builtin('node:worker_threads');

/** What debuggers call workers. */
const NAME = 'lanewise';

/** Pages do not say why a worker cannot be started. */
const NOT_STARTED = 'it could not be started (a Content-Security-Policy needs worker-src blob:, or its file)';

/**
 * Listens to a worker: one that exists, or a new one that runs a script.
 *
 * @throws {UnsupportedError} where the engine has no workers
 */
export function openWorker(
  worker: WorkerScript | WebWorker | NodeWorker,
  { onMessage, onLost }: ChannelListeners,
): WorkerChannel {
  let open = true;
  const lost = (reason: string): void => {
    if (open) onLost(reason);
    open = false;
  };
  const handle = 'text' in worker ? startScript(worker) : worker;
  if ('on' in handle) {
    const events = handle as unknown as { on(event: string, listener: (value: unknown) => void): void };
    events.on('message', onMessage);
    events.on('error', (error) => lost((error as Error).message));
    events.on('exit', (code) => lost(`it ended with code ${code}`));
  } else {
    handle.addEventListener('message', ({ data }) => onMessage(data));
    handle.addEventListener('error', ({ message }) => lost(message || NOT_STARTED));
    handle.addEventListener('messageerror', () => lost('a message could not be read'));
  }
  return {
    post: (message, transfer = []) => handle.postMessage(message, transfer as never[]),
    keepAlive: (on) => {
      (handle as Partial<NodeWorker>)[on ? 'ref' : 'unref']?.();
    },
    terminate: () => {
      open = false;
      void handle.terminate();
    },
  };
}

function startScript({ text, url }: WorkerScript): WebWorker | NodeWorker {
  const threads = nodeThreads();
  if (threads !== undefined) return new threads.Worker(text, { eval: true, name: NAME, execArgv: [] });
  if (typeof Worker !== 'function') throw new UnsupportedError('this engine has no workers');
  if (url !== undefined) return new Worker(url, { name: NAME });
  const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(blob, { name: NAME });
  // Some engines fetch the script only when the worker starts.
  worker.onmessage = worker.onerror = () => URL.revokeObjectURL(blob);
  return worker;
}

/**
 * Listens to the program that started this worker.
 *
 * @throws {UnsupportedError} when this is not a worker
 */
export function openParent(onMessage: (message: unknown) => void): ParentChannel {
  const port = nodeThreads()?.parentPort;
  if (port !== undefined && port !== null) {
    port.on('message', onMessage);
    return { post: (message, transfer = []) => port.postMessage(message, transfer) };
  }
  const self = globalThis as unknown as {
    WorkerGlobalScope?: unknown;
    postMessage(message: unknown, transfer: Transferable[]): void;
    addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  };
  if (self.WorkerGlobalScope === undefined)
    throw new UnsupportedError('this is not a worker', {
      where: 'serveTraining',
      hint: 'call it in the file that new Worker(…) names',
    });
  self.addEventListener('message', ({ data }) => onMessage(data));
  return { post: (message, transfer = []) => self.postMessage(message, transfer) };
}
