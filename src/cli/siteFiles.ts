/** The files of a built page, by the path that they are served at. */
import fs from 'node:fs';
import path from 'node:path';
import { MissingDataError } from '../index.js';
import type { Resource } from './server.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Reads all files below a directory; `index.html` is served as its directory too.
 *
 * @throws {MissingDataError} when there is no page
 */
export function siteFiles(directory: string): Map<string, Resource> {
  if (!fs.existsSync(path.join(directory, 'index.html')))
    throw new MissingDataError(`${directory} has no page`, { where: 'serve', hint: 'in a clone: npm run build' });
  const files = new Map<string, Resource>();
  for (const entry of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, entry);
    if (!fs.statSync(file).isFile()) continue;
    const name = `/${entry.split(path.sep).join('/')}`;
    // Vite puts a digest of the contents into the names of what it builds.
    const resource: Resource = {
      type: TYPES[path.extname(name)] ?? 'application/octet-stream',
      body: fs.readFileSync(file),
      lasting: name.startsWith('/assets/'),
    };
    files.set(name, resource);
    if (path.basename(entry) === 'index.html') files.set(name.slice(0, -'index.html'.length), resource);
  }
  return files;
}
