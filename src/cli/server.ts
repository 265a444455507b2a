/**
 * A server of what it has in memory: a path that is not in its table cannot be asked for, whatever it is made of. It
 * answers to its own names alone, so a page from elsewhere whose name was made to lead here (DNS rebinding) gets
 * nothing.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { LanewiseError } from '../index.js';

export interface Resource {
  readonly type: string;
  readonly body: Uint8Array;
  /** Whether it never changes under its name. */
  readonly lasting: boolean;
}

export interface RunningServer {
  /** `http://127.0.0.1:4280/` */
  readonly url: string;
  /** Ends it, and the connections that are open. */
  close(): void;
}

/** Only this machine: pages get shared memory, and so threads, from secure origins alone. */
const HOST = '127.0.0.1';

/** The names that a browser on this machine knows it by. */
const NAMES = [HOST, 'localhost', '[::1]'];

const HEADERS = {
  // What lets pages share memory with workers.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // Threads start from a Blob; the chart library writes styles.
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src " +
    "'self' 'unsafe-inline'; img-src 'self' blob: data:",
};

/**
 * Serves the resources, by their paths. A directory without its slash leads to the one with it.
 *
 * @param port 0: any that is free
 * @throws {LanewiseError} when the port cannot be had
 */
export async function startServer(resources: ReadonlyMap<string, Resource>, port: number): Promise<RunningServer> {
  const server = http.createServer((request, response) => {
    const path = pathOf(request.url);
    const resource = resources.get(path);
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (!isAddressed(request)) {
      answer(421, 'this server answers to localhost and 127.0.0.1 at its own port alone\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...HEADERS, allow: 'GET, HEAD' }).end();
    } else if (resource !== undefined) {
      response.writeHead(200, {
        ...HEADERS,
        'content-type': resource.type,
        'content-length': resource.body.length,
        'cache-control': resource.lasting ? 'public, max-age=31536000, immutable' : 'no-store',
      });
      response.end(request.method === 'HEAD' ? undefined : resource.body);
    } else if (path !== '' && resources.has(`${path}/`)) {
      response.writeHead(301, { ...HEADERS, location: `${path}/` }).end();
    } else {
      answer(404, 'there is no such page here\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refused(port, cause)));
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The address of a request for `http://host/path` itself, as proxies are sent; null for the usual `/path`. */
function absoluteUrl(target: string): URL | null {
  return /^[a-z][a-z0-9+.-]*:/i.test(target) ? new URL(target) : null;
}

/** The path that was asked for, without its query; '' where it is none. */
function pathOf(target = ''): string {
  try {
    return decodeURIComponent((absoluteUrl(target) ?? new URL(`http://${HOST}${target}`)).pathname);
  } catch {
    return '';
  }
}

/**
 * Whether a request is for this server: by its one Host header, and by its address where that has a host of its own.
 */
function isAddressed({ headersDistinct, url = '', socket }: http.IncomingMessage): boolean {
  const port = socket.localPort!;
  const own = NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  const [host, ...more] = headersDistinct.host ?? [];
  if (host === undefined || more.length > 0 || !own.includes(host.toLowerCase())) return false;
  try {
    const address = absoluteUrl(url);
    return address === null || (address.protocol === 'http:' && own.includes(address.host));
  } catch {
    return false;
  }
}

function refused(port: number, cause: NodeJS.ErrnoException): LanewiseError {
  const why =
    cause.code === 'EADDRINUSE'
      ? 'is in use'
      : cause.code === 'EACCES'
        ? 'is not for everyone to listen on'
        : `cannot be had (${cause.message})`;
  return new LanewiseError(`port ${port} ${why}`, {
    where: 'serve',
    hint: 'choose another one with --port N, or --port 0 for any that is free',
    cause,
  });
}
