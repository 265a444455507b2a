/** The address of a queue: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]/NAME`, or `rediss://` with TLS. */
import { ArgumentError } from '../index.js';

export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** Of the queue: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** For messages and files: the address without user and password. */
  readonly shown: string;
}

const DEFAULT_PORT = 6379;
const FORM = 'redis://HOST:PORT/NAME, or rediss://USER:PASSWORD@HOST:PORT/NAME';

/**
 * Reads the address of a queue. No error shows what was given: it may have a password.
 *
 * @throws {ArgumentError} when it is not one
 */
export function parseQueueAddress(text: string): QueueAddress {
  const refuse = (problem: string): never => {
    throw new ArgumentError(problem, { where: 'queue', hint: `write ${FORM}` });
  };
  if (typeof text !== 'string' || !URL.canParse(text)) return refuse('the address of a queue is a URL');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    refuse('the address of a queue begins with redis:// or rediss://');
  if (url.hostname === '') refuse('the address names no host');
  if (url.search !== '' || url.hash !== '') refuse('the address has a ? or #, which mean nothing in it');
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const name = parts.pop();
  if (name === undefined || !/^(?!\.*$)[\w.-]{1,100}$/.test(name))
    refuse('the address must end in the name of the queue: letters, digits, ., _ and -');
  const [db = '0', ...rest] = parts;
  if (rest.length > 0 || !/^\d{1,4}$/.test(db)) refuse('before the name there may be the number of a database only');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    host,
    port,
    tls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db),
    name: name!,
    shown: `${url.protocol}//${url.hostname}:${port}/${db === '0' ? '' : `${db}/`}${name}`,
  };
}

function decoded(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
