/** `lanewise serve`: what it hands out, and that it ends well. */
import http from 'node:http';
import net from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { lanewise, makeData, type Result, removeWorkspace } from './lanewise.js';

afterAll(removeWorkspace);

/** Runs it while `body` works with its address, then presses Ctrl-C. */
async function serving(args: readonly string[], body: (url: string) => Promise<void>): Promise<Result> {
  let failed: unknown;
  const result = await lanewise(['serve', '--port', '0', '--json', ...args], (line, child) => {
    const { event, url } = JSON.parse(line) as { event: string; url: string };
    if (event !== 'listening') return;
    void body(url)
      .catch((error: unknown) => {
        failed = error;
      })
      .finally(() => child.kill('SIGINT'));
  });
  if (failed !== undefined) throw failed as Error;
  return result;
}

/** As `fetch`, but the path stays as it is written. */
function request(
  url: string,
  path: string,
  method = 'GET',
  host?: string,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    http
      .request({ host: '127.0.0.1', port: new URL(url).port, path, method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
        );
      })
      .on('error', reject)
      .end();
  });
}

/** The status of the answer to these bytes. */
function statusOf(port: string, bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    socket.on('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d{3}) /.exec(data.toString('latin1'))?.[1]));
    });
  });
}

describe('lanewise serve', () => {
  test('serves the page and its parts with the headers that threads need, and ends at Ctrl-C', async () => {
    const { code, events, stderr } = await serving(['--data', makeData()], async (url) => {
      const page = await request(url, '/');
      expect(page).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
          'cross-origin-resource-policy': 'same-origin',
        },
      });
      const parts = [...page.body.toString().matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name]) => name!);
      expect(parts.some((name) => name.endsWith('.js')) && parts.some((name) => name.endsWith('.css'))).toBe(true);
      for (const name of parts) {
        const { status, headers } = await request(url, `/${name}`);
        expect({ name, status, type: headers['content-type'] }).toEqual({
          name,
          status: 200,
          type: name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
        });
      }
      expect(page.body.toString()).toContain('href="./THIRD_PARTY_LICENSES.txt"');
      const licences = await request(url, '/THIRD_PARTY_LICENSES.txt');
      expect(licences).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
      expect(licences.body.toString()).toContain('\nuplot ');
      expect(await request(url, '/bench')).toMatchObject({ status: 301, headers: { location: '/bench/' } });
      expect(await request(url, '/bench/?filter=relu')).toMatchObject({
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
      });
      expect(await request(url, '/', 'HEAD')).toMatchObject({
        status: 200,
        headers: { 'content-length': String(page.body.length) },
        body: Buffer.alloc(0),
      });
      expect(await request(url, '/', 'POST')).toMatchObject({ status: 405 });
    });
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(events).toEqual([
      {
        event: 'listening',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) as string,
        train: 120,
        test: 60,
      },
    ]);
  });

  test('hands out the digits that it read, as IDX', async () => {
    await serving(['--data', makeData()], async (url) => {
      expect(JSON.parse((await request(url, '/data/mnist/about.json')).body.toString())).toEqual({
        train: 120,
        test: 60,
        notes: [],
      });
      const images = (await request(url, '/data/mnist/train-images-idx3-ubyte')).body;
      expect([...images.subarray(0, 16)]).toEqual([0, 0, 8, 3, 0, 0, 0, 120, 0, 0, 0, 28, 0, 0, 0, 28]);
      expect(images.length).toBe(16 + 120 * 784);
      const labels = (await request(url, '/data/mnist/t10k-labels-idx1-ubyte')).body;
      expect([...labels.subarray(0, 12)]).toEqual([0, 0, 8, 1, 0, 0, 0, 60, 0, 1, 2, 3]);
    });
  });

  test('has nothing outside of the page', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/../../cli.js',
      '//etc/passwd',
      '/assets/..\\..\\cli.js',
      '/%',
      '/%00',
      '/nothing',
    ];
    const answers: unknown[] = [];
    await serving(['--data', makeData()], async (url) => {
      for (const path of paths) {
        const { status, body } = await request(url, path);
        answers.push([path, status, body.toString()]);
      }
    });
    expect(answers).toEqual(paths.map((path) => [path, 404, 'there is no such page here\n']));
  });

  test('answers to its own names alone', async () => {
    const refused = 'this server answers to localhost and 127.0.0.1 at its own port alone\n';
    const wanted: unknown[] = [];
    const answers: unknown[] = [];
    await serving(['--data', makeData()], async (url) => {
      const { port } = new URL(url);
      const hosts: readonly (readonly [status: number, host: string])[] = [
        ...['127.0.0.1', 'localhost', 'LocalHost', '[::1]'].map((name) => [200, `${name}:${port}`] as const),
        ...['example.com', '127.0.0.1.example.com', 'localhost.', '0.0.0.0', '127.0.0.2', 'localhost@example.com'].map(
          (name) => [421, `${name}:${port}`] as const,
        ),
        ...[
          'localhost',
          '127.0.0.1',
          `localhost:${Number(port) + 1}`,
          `localhost:${port}0`,
          `localhost:0${port}`,
          '',
        ].map((host) => [421, host] as const),
        [421, `localhost:${port}, localhost:${port}`],
      ];
      for (const [status, host] of hosts) {
        wanted.push([host, status]);
        answers.push([host, await statusOf(port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)]);
      }
      const own = `Host: 127.0.0.1:${port}\r\n`;
      const raw: readonly (readonly [status: number, request: string])[] = [
        [421, 'GET / HTTP/1.0\r\n\r\n'],
        [200, `GET / HTTP/1.0\r\n${own}\r\n`],
        [400, 'GET / HTTP/1.1\r\n\r\n'],
        [421, `GET / HTTP/1.1\r\n${own}Host: example.com\r\n\r\n`],
        [421, `GET / HTTP/1.1\r\nHost: example.com\r\n${own}\r\n`],
        [200, `GET http://localhost:${port}/bench/ HTTP/1.1\r\n${own}\r\n`],
        [404, `GET http://localhost:${port}/nothing HTTP/1.1\r\n${own}\r\n`],
        [421, `GET http://example.com/ HTTP/1.1\r\n${own}\r\n`],
        [421, `GET http://127.0.0.1:${port}@example.com/ HTTP/1.1\r\n${own}\r\n`],
        [421, `GET https://localhost:${port}/ HTTP/1.1\r\n${own}\r\n`],
        [421, `GET http://localhost:${port}/ HTTP/1.1\r\nHost: example.com\r\n\r\n`],
        [421, `GET file:///etc/passwd HTTP/1.1\r\n${own}\r\n`],
        [404, `GET //example.com/ HTTP/1.1\r\n${own}\r\n`],
        [421, 'POST / HTTP/1.1\r\nHost: example.com\r\n\r\n'],
        [405, `OPTIONS * HTTP/1.1\r\n${own}\r\n`],
      ];
      for (const [status, request] of raw) {
        wanted.push([request, status]);
        answers.push([request, await statusOf(port, request)]);
      }
      const { status, body } = await request(url, '/', 'GET', 'example.com');
      expect([status, body.toString()]).toEqual([421, refused]);
      expect(await request(url, '/', 'HEAD', 'example.com')).toMatchObject({ status: 421, body: Buffer.alloc(0) });
    });
    expect(answers).toEqual(wanted);
  });

  test('says so when the port is in use', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      other.once('listening', resolve);
    });
    const { port } = other.address() as net.AddressInfo;
    const { code, stdout, stderr } = await lanewise(['serve', '--port', String(port), '--data', makeData()]);
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `error: serve: port ${port} is in use\n  hint: choose another one with ` +
        `--port N, or --port 0 for any that is free\n`,
    );
  });

  test('a port that is none is wrong usage; a directory without digits is an error', async () => {
    expect(await lanewise(['serve', '--port', '99999'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('from 0 to 65535') as string,
    });
    expect(await lanewise(['serve', '--data', '/nowhere'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/nowhere has no') as string,
    });
  });
});
