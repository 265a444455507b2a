// What needs files, for Node, Deno and Bun: re-exports, nothing else.
export { writeFileAtomic } from './io/files.node.js';
export { RunDirectory } from './train/run-directory.node.js';
