/** A report as one HTML file that needs no other: style, figures and the program that draws them are in it. */
import type { Chart } from './chart.js';
import type { Block, Report, ShownPicture, Table, TableCell } from './document.js';
import { escapeHtml, scriptJson } from './escape.js';
import { STYLE } from './style.js';

/** Nothing from elsewhere, whatever a name or an error text holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/**
 * @param program the text of dist/report.js
 * @param figures the directory of pictures of the charts, beside the page; null: there are none
 */
export function htmlOf({ title, blocks }: Report, program: string, figures: string | null = 'figures'): string {
  const charts = blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : []));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${prose(title)}</h1>
${blocks.map((block) => blockOf(block, figures)).join('\n')}
</main>
${
  charts.length === 0
    ? ''
    : `<script type="application/json" id="charts">${scriptJson(charts)}</script>
<script type="module">${program.replace(/<\/(?=script)/gi, '<\\/')}</script>
`
}</body>
</html>
`;
}

function blockOf(block: Block, figures: string | null): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${prose(block.text)}</h2>`;
    case 'text':
      return `<p>${prose(block.text)}</p>`;
    case 'notice':
      return `<p class="notice">${prose(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${prose(item)}</li>`).join('\n')}</ul>`;
    case 'facts':
      return `<dl>${block.facts.map(factOf).join('\n')}</dl>`;
    case 'chart':
      return chartOf(block.chart, figures);
    case 'pictures':
      return `<p class="caption">${prose(block.caption)}</p>
<div class="pictures">${block.pictures.map(pictureOf).join('\n')}</div>`;
    case 'table':
      return block.folded === true
        ? `<details><summary>${prose(block.caption)}</summary>\n${tableOf(block, false)}\n</details>`
        : tableOf(block, true);
  }
}

function pictureOf({ source, text, about }: ShownPicture): string {
  const more = about === undefined ? '' : `<small>${prose(about)}</small>`;
  return `<figure><img src="${escapeHtml(source)}" alt=""><figcaption>${prose(text)}${more}</figcaption></figure>`;
}

function chartOf({ id, title, caption }: Chart, figures: string | null): string {
  const instead = figures === null ? '.' : `; without it there is a picture, ${figures}/${escapeHtml(id)}.svg.`;
  const [name, about] = [escapeHtml(id), `${title}. ${caption}`];
  return `<figure>
<figcaption><strong>${prose(title)}</strong> ${prose(caption)}</figcaption>
<div class="legend" data-legend="${name}"></div>
<div class="chart" data-chart="${name}" role="img" aria-label="${escapeHtml(about)}">\
<noscript>The figure needs JavaScript${instead}</noscript></div>
</figure>`;
}

function tableOf({ caption, note, columns, rows }: Table, titled: boolean): string {
  const kind = (i: number): string => (columns[i]!.numeric ? ' class="number"' : '');
  const head = columns.map(({ name }, i) => `<th scope="col"${kind(i)}>${prose(name)}</th>`).join('');
  const body = rows
    .map((cells) => `<tr>${cells.map((each, i) => cellOf(each, kind(i), i === 0)).join('')}</tr>`)
    .join('\n');
  // Wider than a phone, it scrolls by itself; it can be reached by keys for that.
  const title = titled ? `<strong>${prose(caption)}</strong> ` : '';
  const above = titled || note !== undefined ? `<p class="caption">${title}${prose(note ?? '')}</p>\n` : '';
  const label = escapeHtml(caption);
  return `${above}<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table aria-label="${label}">
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}

function factOf([name, value]: readonly [string, string]): string {
  return `<div><dt>${prose(name)}</dt><dd>${prose(value)}</dd></div>`;
}

const DIFFERS = ' <b title="off by more than the seeds are apart">≠</b>';

function cellOf({ text, about, under = [], tone, differs, title }: TableCell, kind: string, first: boolean): string {
  const toned = tone === undefined ? '' : ` class="${tone}"`;
  const shown = `<span${about === undefined ? toned : ''}>${prose(text)}</span>${differs === true ? DIFFERS : ''}`;
  const content =
    shown +
    (about === undefined ? '' : `<small${toned}>${prose(about)}</small>`) +
    under.map((line) => `<small>${prose(line)}</small>`).join('');
  const more = (title === undefined ? '' : ` title="${escapeHtml(title)}"`) + kind;
  return first ? `<th scope="row"${more}>${content}</th>` : `<td${more}>${content}</td>`;
}

/** Text with its `code`. */
function prose(text: string): string {
  return text
    .split(/`([^`\n]+)`/)
    .map((part, i) => (i % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
    .join('');
}
