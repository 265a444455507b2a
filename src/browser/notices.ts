/** What the page has to say: errors, which stay until they are closed, and news, which pass. */
import { LanewiseError } from '../slim/index.js';
import { byId, element } from './dom.js';

/** Shows an error, at once read out; the same one is shown once. */
export function showError(error: unknown): void {
  const { message, hint } = wordsOf(error);
  const list = byId('errors', HTMLElement);
  if ([...list.children].some((notice) => notice.getAttribute('data-message') === message)) return;
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close this message' }, '×');
  const notice = element(
    'div',
    { class: 'notice', 'data-message': message },
    element('p', {}, message, ...(hint === undefined ? [] : [element('span', { class: 'hint' }, hint)])),
    close,
  );
  close.addEventListener('click', () => notice.remove());
  list.append(notice);
}

/** Takes back all errors that are shown. */
export function clearErrors(): void {
  byId('errors', HTMLElement).replaceChildren();
}

/** Says something in the line of news. */
export function say(text: string): void {
  byId('news', HTMLElement).textContent = text;
}

/** What an error says, and its hint where it has one. */
export function wordsOf(error: unknown): Words {
  if (!(error instanceof Error)) return { message: String(error) };
  if (error instanceof LanewiseError) return { message: error.summary, hint: error.hint };
  return { message: error.message || error.name };
}

/** Message and hint of an error, as they can be sent by a worker. */
export interface Words {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** An error of which message and hint are known. */
export class WordedError extends LanewiseError {
  constructor({ message, hint }: Words) {
    super(message, { hint });
  }
}
