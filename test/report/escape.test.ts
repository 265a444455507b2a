import { expect, test } from 'vitest';
import { columns } from '../../src/report/document.js';
import { escapeHtml, escapeMarkdown, scriptJson } from '../../src/report/escape.js';
import { markdownOf } from '../../src/report/markdown.js';

test('no sign of HTML is left', () => {
  expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).toBe(
    '&#60;a href=&#34;x&#34; title=&#39;y&#39;&#62;&#38;amp;&#60;/a&#62;',
  );
});

test('Markdown takes nothing for its own', () => {
  expect(escapeMarkdown('a|b *c* _d_ [e](f) <g>\n`h` \\')).toBe(
    'a\\|b \\*c\\* \\_d\\_ \\[e\\](f) \\<g\\> \\`h\\` \\\\',
  );
});

test('a line end of any kind ends no line of Markdown', () => {
  expect(escapeMarkdown('a\rb \r\n # c')).toBe('a b # c');
});

test('a folded table has its caption in HTML, where a backslash escapes nothing', () => {
  const caption = '<img src=x onerror=alert(1)//> & `a_b`';
  const table = { kind: 'table', caption, folded: true, columns: columns('a'), rows: [] } as const;
  const text = markdownOf({ title: 't', blocks: [table] }, new Map());
  expect(text).toContain('<summary>&#60;img src=x onerror=alert(1)//&#62; &#38; `a_b`</summary>');
});

test('JSON in a script ends no script, and stays the same JSON', () => {
  const value = { a: '</script><script>alert(1)</script><!--', b: '\u2028\u2029', c: [1, null] };
  const text = scriptJson(value);
  expect(text).not.toMatch(/[<\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
