/** A report as Markdown, with its figures as SVG files beside it. */
import type { Block, Report, Table, TableCell } from './document.js';
import { escapeHtml, escapeMarkdown } from './escape.js';

export function markdownOf({ title, blocks }: Report, pictures: ReadonlyMap<string, string>): string {
  return `${[`# ${prose(title)}`, ...blocks.map((block) => blockOf(block, pictures))].join('\n\n')}\n`;
}

function blockOf(block: Block, pictures: ReadonlyMap<string, string>): string {
  switch (block.kind) {
    case 'heading':
      return `## ${prose(block.text)}`;
    case 'text':
      return prose(block.text);
    case 'notice':
      return `> **${prose(block.text)}**`;
    case 'list':
      return block.items.map((item) => `- ${prose(item)}`).join('\n');
    case 'facts':
      return block.facts.map(([name, value]) => `- ${prose(name)}: ${prose(value)}`).join('\n');
    case 'chart': {
      const { id, title, caption } = block.chart;
      return `![${prose(title)}](${pictures.get(id)!})\n\n${prose(caption)}`;
    }
    case 'pictures':
      return [prose(block.caption), '', ...block.pictures.map(({ text }) => `- ${prose(text)}`)].join('\n');
    case 'table':
      return tableOf(block);
  }
}

function tableOf({ caption, note, columns, rows, folded }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [
    line(columns.map(({ name }) => prose(name))),
    line(columns.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((cells) => line(cells.map(cellOf))),
  ].join('\n');
  const about = note === undefined ? '' : `${prose(note)}\n\n`;
  // A block of HTML, in which a backslash escapes nothing.
  return folded === true
    ? `<details><summary>${escapeHtml(caption)}</summary>\n\n${about}${table}\n\n</details>`
    : `**${prose(caption)}**\n\n${about}${table}`;
}

function cellOf({ text, about, under = [], differs }: TableCell): string {
  return [differs === true ? `${text} ≠` : text, ...(about === undefined ? [] : [about]), ...under]
    .map(prose)
    .join('<br>');
}

/** Text with its `code`; a bar would end a table's cell even within code. */
function prose(text: string): string {
  const parts = text.split(/(`[^`\n\r]+`)/);
  return parts.map((part, i) => (i % 2 === 1 ? part.replaceAll('|', '\\|') : escapeMarkdown(part))).join('');
}
