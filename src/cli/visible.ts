/**
 * Text for a terminal. Names of files, of classes and of studies, keys, settings and messages that quote them come from
 * files: a control character in one must not move the cursor, change colours or hide the text beside it.
 */
import { LanewiseError } from '../index.js';
import { SettingError } from '../recipes/index.js';
import { flagName, wordError } from './flags.js';
import { UsageError } from './usage.js';

/**
 * What is not seen, or acts on what is: control characters, marks of direction, characters of no width, separators of
 * lines, halves of pairs. The selectors of how an emoji is drawn (U+FE0E, U+FE0F) do no harm.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text in one line, with what is not seen written as in JavaScript: `\n`, `\x1b`, `\u202e`, `\u{e0041}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (sign) => {
    const code = sign.codePointAt(0)!;
    const digits = code.toString(16);
    if (code < 0x100) return SHORT[sign] ?? `\\x${digits.padStart(2, '0')}`;
    return code < 0x1_0000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

/** Our own lines, each {@link visible}. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** The value as JSON in one line: the same value to a program, and nothing unseen to a terminal. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSEEN, (sign) =>
    Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/**
 * What an error says, for people: lines that are ours, such as a hint, stay; those of what it quotes do not.
 *
 * @param hasFlag whether the command has a flag: a hint names no others. Default: it has none.
 */
export function visibleError(error: unknown, hasFlag: (flag: string) => boolean = () => false): string {
  if (error instanceof UsageError) {
    return error.cause instanceof LanewiseError ? visibleError(error.cause, hasFlag) : visible(error.message);
  }
  if (!(error instanceof Error)) return visible(String(error));
  if (!(error instanceof LanewiseError)) return visibleStack(error);
  if (error instanceof SettingError) {
    const { where, reason, hint } = wordError(error);
    return `${where}: ${visible(reason)}${hint === undefined ? '' : `\n  hint: ${visible(hint)}`}`;
  }
  let text = error.message;
  // The longest first: a hint can contain the name of a file.
  const parts = quotedBy(error).sort((a, b) => b.length - a.length);
  for (const part of parts) text = text.replaceAll(part, () => visible(part));
  const flags = error.options?.map(flagName).filter(hasFlag) ?? [];
  if (flags.length > 0) text = text.replace(/\n {2}hint: .*/, (hint) => `${hint} (${flags.join(', ')})`);
  // Lines of ours that are not the first are indented.
  return text.split('\n  ').map(visible).join('\n  ');
}

/** What a message is put together from that has one line each, and may be from a file. */
function quotedBy(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const parts = error instanceof LanewiseError ? [error.where, error.hint] : [error.message];
  return [...parts.filter((part) => part !== undefined && part !== ''), ...quotedBy(error.cause)] as string[];
}

/** An unexpected error, with its stack. */
function visibleStack({ name, message, stack = '' }: Error): string {
  const head = `${name}: ${message}`;
  if (!stack.startsWith(head)) return visibleLines(stack === '' ? head : stack);
  return visible(head) + visibleLines(stack.slice(head.length));
}
