/** A server of what it has in memory: a path that is not in its table cannot be asked for, whatever it is made of. */
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

const HEADERS = {
  // What lets pages share memory with workers.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // Threads start from a Blob; the chart library writes styles.
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:",
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
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...HEADERS, allow: 'GET, HEAD' }).end();
    } else if (resource !== undefined) {
      response.writeHead(200, {
        ...HEADERS, 'content-type': resource.type, 'content-length': resource.body.length,
        'cache-control': resource.lasting ? 'public, max-age=31536000, immutable' : 'no-store',
      });
      response.end(request.method === 'HEAD' ? undefined : resource.body);
    } else if (path !== '' && resources.has(`${path}/`)) {
      response.writeHead(301, { ...HEADERS, location: `${path}/` }).end();
    } else {
      response.writeHead(404, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(request.method === 'HEAD' ? undefined : 'there is no such page here\n');
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

/** The path that was asked for, without its query; '' where it is none. */
function pathOf(url = ''): string {
  try {
    return decodeURIComponent(new URL(url, `http://${HOST}`).pathname);
  } catch {
    return '';
  }
}

function refused(port: number, cause: NodeJS.ErrnoException): LanewiseError {
  const why = cause.code === 'EADDRINUSE' ? 'is in use' : cause.code === 'EACCES' ? 'is not for everyone to listen on' : `cannot be had (${cause.message})`;
  return new LanewiseError(`port ${port} ${why}`, { where: 'serve', hint: 'choose another one with --port N, or --port 0 for any that is free', cause });
}
