/** The suite in a page: index.html?threads=N&place=main|worker posts its answer to the server. */
import { here, inWorker } from './inWorker.js';

const options = new URL(location.href).searchParams;
const answer = await (options.get('place') === 'worker' ? inWorker : here)({ threads: Number(options.get('threads')) });
await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
document.title = 'done';
