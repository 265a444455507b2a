/** Sweeps through a queue give what sweeps on one machine give; wrong addresses, versions and jobs are refused. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseQueueAddress } from '../../src/queue/address.js';
import { lanewise, makeData, removeWorkspace, workspace } from '../cli/lanewise.js';
import { outcome, type Running, start } from './commands.js';
import { freePort, hasRedis, RedisServer } from './redis.js';

const { version } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

afterAll(removeWorkspace);

describe('the address of a queue', () => {
  test('has host, port, database, name, user and password', () => {
    expect(parseQueueAddress('redis://host/lab')).toMatchObject({
      host: 'host',
      port: 6379,
      db: 0,
      name: 'lab',
      tls: false,
    });
    const given = parseQueueAddress('rediss://me:p%40ss@[::1]:7000/2/a.b-c');
    expect(given).toMatchObject({ host: '::1', port: 7000, db: 2, name: 'a.b-c', tls: true });
    expect(given).toMatchObject({ username: 'me', password: 'p@ss', shown: 'rediss://[::1]:7000/2/a.b-c' });
  });

  test.each([
    'host:6379/lab',
    'http://host/lab',
    'redis:///lab',
    'redis://host',
    'redis://host/',
    'redis://host/a:b',
    'redis://host/x/lab',
    'redis://host/1/2/lab',
    'redis://host/..',
    'redis://me:secret@host/lab?db=1',
  ])('%s is refused, without its password', (text) => {
    expect(() => parseQueueAddress(text)).toThrow(/redis:\/\/HOST:PORT\/NAME/);
    expect(() => parseQueueAddress(text)).not.toThrow(/secret/);
  });
});

describe('a server that cannot be used', () => {
  const sweep = (queue: string) =>
    lanewise(['sweep', '--param', 'lr=0.1', '--dataset', 'mnist-subset', '--queue', queue, '--out', 'refused']);

  test('nothing listens', async () => {
    const port = await freePort();
    const { code, stderr } = await sweep(`redis://me:secret@127.0.0.1:${port}/lab`);
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}: cannot be reached: nothing listens there`);
    expect(stderr).not.toContain('secret');
    expect(fs.existsSync(path.join(workspace(), 'refused'))).toBe(false);
  });

  test('it accepts and says nothing: an error within five seconds', async () => {
    const silent = net.createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as net.AddressInfo;
    const since = performance.now();
    const { code, stderr } = await lanewise(['work', '--queue', `redis://:secret@127.0.0.1:${port}/lab`]);
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}: cannot be reached: it does not answer`);
    expect(stderr).not.toContain('secret');
    // Five seconds, and what a busy machine needs to start Node.
    expect(performance.now() - since).toBeLessThan(20_000);
    silent.close();
  });

  test('options that do not go together', async () => {
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await lanewise(args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await wrong('sweep', '--param', 'lr=0.1', '--verify', '0.5')).toContain('it needs --queue');
    expect(await wrong('sweep', '--param', 'lr=0.1', '--queue', 'redis://h/q', '--jobs', '2')).toContain(
      '`lanewise work --jobs`',
    );
    expect(await wrong('work')).toContain('--queue redis://HOST:PORT/NAME');
  });
});

describe.skipIf(!hasRedis)('a queue', () => {
  let redis: RedisServer;
  let data: string;
  const workers: Running[] = [];
  const work = (name: string, ...args: string[]): Running => {
    const worker = start(
      'work',
      '--queue',
      redis.url(name),
      '--out',
      path.join(workspace(), `w${workers.length}`),
      ...args,
    );
    workers.push(worker);
    return worker;
  };
  const sweep = (out: string, ...args: string[]) =>
    lanewise([
      ...['sweep', '--param', 'lr=0.3,0.1,0.03', '--model', 'mlp-bn', '--hidden', '8', '--batch-size', '50'],
      ...['--dataset', 'mnist', '--data', data, '--out', out, '--epochs', '2', ...args],
    ]);

  beforeAll(async () => {
    redis = await RedisServer.start();
    data = makeData();
  });
  afterAll(async () => {
    for (const { child } of workers) child.kill('SIGKILL');
    await redis?.remove();
  });

  test('gives the results and files of a sweep on one machine; data are fetched, runs verified', async () => {
    const [worker, other] = [work('same', '--jobs', '2'), work('same')];
    const sent = await sweep('sent', '--queue', redis.url('same'), '--verify', '0.5');
    expect(sent.stderr).not.toContain('error');
    expect(sent.code).toBe(0);
    expect(sent.stdout).toContain('repeated on another worker: the same digests');
    expect((await sweep('here')).code).toBe(0);
    expect(outcome(path.join(workspace(), 'sent'))).toEqual(outcome(path.join(workspace(), 'here')));
    expect(worker.text() + other.text()).toContain('fetching mnist');
    for (const { child, ended } of [worker, other]) {
      child.kill('SIGTERM');
      expect(await ended).toBe(143);
    }
    // Nothing stays behind but the data set.
    const client = new Redis(redis.port);
    const kept = (await client.keys('lanewise:same:*')).filter((key) => /files|inputs|sent|_/.test(key));
    client.disconnect();
    expect(kept).toEqual([]);
  });

  test('goes on from checkpoints of an earlier round, and with what was submitted before', async () => {
    const halving = ['--strategy', 'halving', '--trials', '3', '--epochs', '3', '--factor', '3'];
    const args = [...halving, '--queue', redis.url('later')];
    let left = false;
    const leaving = lanewise(
      [
        ...['sweep', '--param', 'lr=0.3,0.1,0.03', '--model', 'mlp-bn', '--hidden', '8', '--batch-size', '50'],
        ...['--dataset', 'mnist', '--data', data, '--out', 'later', '--json', ...args],
      ],
      (line, child) => {
        // The submitter goes away once its runs are in the queue; nobody works on them yet.
        if (left || !line.includes('"plan"')) return;
        left = true;
        setTimeout(() => child.kill('SIGINT'), 1500);
      },
    );
    expect((await leaving).stderr).toContain('its runs stay in the queue');
    work('later');
    expect((await sweep('later', ...args)).code).toBe(0);
    expect((await sweep('later-here', ...halving)).code).toBe(0);
    expect(outcome(path.join(workspace(), 'later'))).toEqual(outcome(path.join(workspace(), 'later-here')));
  });

  test('a worker or a submitter of another version is refused, with both versions', async () => {
    const client = new Redis(redis.port);
    await client.set('lanewise:old:version', '0.0.9');
    const refused = work('old');
    expect(await refused.ended).toBe(1);
    expect(refused.text()).toContain(`for lanewise 0.0.9, and this is lanewise ${version}`);
    client.disconnect();
    const queue = new Queue('old', { connection: { port: redis.port }, prefix: 'lanewise' });
    await queue.add('run', {});
    const { code, stderr } = await sweep('old', '--queue', redis.url('old'));
    await queue.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`for lanewise 0.0.9, and this is lanewise ${version}`);
  });

  test('a job that is no valid setting fails with the reason, and the queue goes on', async () => {
    const queue = new Queue('wrong', { connection: { port: redis.port }, prefix: 'lanewise' });
    const request = {
      ...{ id: 'a', row: 'a', group: 'g', label: '', validation: 0, until: null, threads: 1, prune: false, attempt: 1 },
      settings: { model: 'mlp', lr: -1 },
    };
    const job = { version: 1, lanewise: version, data: 'none', inputs: false, avoid: null };
    await queue.add('run', { rm: '-rf /' });
    await queue.add('run', { ...job, request });
    await queue.add('run', { ...job, request: { ...request, id: '../../etc', settings: {} } });
    work('wrong');
    expect((await sweep('wrong', '--queue', redis.url('wrong'))).code).toBe(0);
    const reasons = (await queue.getFailed()).map(({ failedReason }) => failedReason);
    await queue.close();
    expect(reasons).toHaveLength(3);
    expect(reasons.join('\n')).toContain('version is missing, expected 1');
    expect(reasons.join('\n')).toMatch(/lr.*-1/);
    expect(reasons.join('\n')).toContain('request.id is "../../etc"');
  });
});
