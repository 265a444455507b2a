/** What the page has to say: errors, which stay until they are closed, and news, which pass. */
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

/** Message and hint apart; lanewise's errors carry both in one text. */
export function wordsOf(error: unknown): { message: string; hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const [message = '', ...rest] = error.message.split('\n  hint: ');
  return rest.length === 0 ? { message: message || error.name } : { message, hint: rest.join(' ') };
}
