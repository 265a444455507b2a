/** The declarations that the build emits, as the package's users get them. */
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const { exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { import?: { types: string } }>;
};

/** The declaration file of each face of the package, by the name that it is imported by. */
export const faces: ReadonlyMap<string, string> = new Map(
  Object.entries(exports).flatMap(([name, face]) =>
    face.import === undefined ? [] : [[name.replace('.', 'lanewise'), path.join(root, face.import.types)]],
  ),
);

const COMMENT = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?/;
const EXPORT = /^export (?:declare )?(?:abstract )?(?:class|function|const|let|type|interface) (\w+)/;
const DECLARATION = new RegExp(COMMENT.source + EXPORT.source, 'gm');

/** What a declaration file exports: by its name there, the declaration with the comment before it. */
export function exported(file: string): Map<string, string> {
  const code = fs.readFileSync(file, 'utf8');
  const found = new Map<string, string>();
  for (const [, comment, name] of code.matchAll(DECLARATION)) {
    // One docstring does for an interface that stands beside a class.
    if (comment !== undefined || !found.has(name!)) found.set(name!, comment ?? '');
  }
  const into = (to: string) => exported(path.resolve(path.dirname(file), to.replace(/\.js$/, '.d.ts')));
  for (const [, to] of code.matchAll(/^export \* from '(\.[^']+)'/gm))
    into(to!).forEach((comment, name) => found.set(name, comment));
  for (const [, space, to] of code.matchAll(/^export \* as (\w+) from '(\.[^']+)'/gm)) {
    const there = path.resolve(path.dirname(file), to!.replace(/\.js$/, '.d.ts'));
    // The comment at the head of a file is lost with its first import, so it is looked for in the source.
    const source = fs.readFileSync(
      there
        .replace(`${path.sep}dist${path.sep}types${path.sep}`, `${path.sep}src${path.sep}`)
        .replace(/\.d\.ts$/, '.ts'),
      'utf8',
    );
    found.set(space!, /^\/\*\*[\s\S]*?\*\//.exec(source)?.[0] ?? '');
    exported(there).forEach((comment, name) => found.set(`${space}.${name}`, comment));
  }
  for (const [, list, to] of code.matchAll(/^export (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)) {
    const there = into(to!);
    for (const item of list!
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')) {
      const [name, as = name] = item.replace(/^type /, '').split(' as ');
      found.set(as!, there.get(name!)!);
    }
  }
  return found;
}
