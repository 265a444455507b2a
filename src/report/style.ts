/** The look of report.html: light or dark as the reader has it, from a phone's width up, and on paper. */
export const STYLE = `
:root {
  --ground: #ffffff; --ink: #1b1f24; --quiet: #59636e; --rule: #d5dae0; --shade: #f5f7f9; --accent: #0b5fa5;
  --bad: #b3261e; --warn: #8a4b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --ink: #e8ebef; --quiet: #9aa4af; --rule: #343b44; --shade: #1c2026; --accent: #6db6f2;
    --bad: #ff9a90; --warn: #f0b266;
  }
}
* { box-sizing: border-box; }
html {
  background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  -webkit-text-size-adjust: 100%;
}
body { margin: 0; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem; }
h1 { font-size: clamp(1.4rem, 4vw, 1.9rem); line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); }
p, li, dd { max-width: 46rem; }
p { margin: .6rem 0; }
ul { margin: .6rem 0; padding-left: 1.2rem; }
li { margin: .25rem 0; }
code { font: .88em ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.notice { border-left: 4px solid var(--warn); background: var(--shade); padding: .6rem .9rem; font-weight: 600; }
.scroll { overflow-x: auto; margin: .5rem 0 1.4rem; }
.scroll:focus-visible, button:focus-visible, summary:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .9rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th {
  color: var(--quiet); font-weight: 600; vertical-align: bottom; border-bottom-color: var(--quiet); min-width: 4.5rem;
}
tbody th { font-weight: 500; min-width: 7rem; }
th.number, td.number { text-align: right; white-space: nowrap; }
thead th.number { white-space: normal; }
td small, th small {
  display: block; white-space: normal; text-wrap: balance; color: var(--quiet); font-size: .85em; font-weight: 400;
}
td b { color: var(--accent); }
.diverged, .failed, small.diverged, small.failed { color: var(--bad); }
.missing { color: var(--quiet); }
.caption { color: var(--quiet); font-size: .9rem; margin: 1.4rem 0 0; }
.caption strong { display: block; color: var(--ink); }
figure { margin: 1.4rem 0 2.2rem; }
figcaption { max-width: 46rem; color: var(--quiet); font-size: .9rem; }
figcaption strong { display: block; color: var(--ink); font-size: 1rem; }
.chart { min-height: 16rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem .5rem; margin: .6rem 0 .2rem; }
.legend button {
  display: inline-flex; align-items: center; gap: .45rem; font: inherit; font-size: .85rem; line-height: 1.3;
  text-align: left; color: inherit; background: none; border: 1px solid var(--rule); border-radius: .4rem;
  padding: .25rem .55rem; cursor: pointer;
}
.legend button:hover { border-color: var(--quiet); }
.legend button[aria-pressed="false"] { opacity: .5; text-decoration: line-through; }
.legend svg { width: 26px; height: 10px; flex: none; }
.pictures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; margin: .8rem 0 2rem;
}
.pictures figure { margin: 0; }
.pictures img {
  width: 6rem; height: 6rem; object-fit: contain; image-rendering: pixelated; background: #000; display: block;
  border: 1px solid var(--rule);
}
.pictures figcaption { color: var(--ink); font-size: .82rem; margin-top: .25rem; overflow-wrap: anywhere; }
.pictures small { display: block; color: var(--quiet); }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; font-size: .9rem; }
dl { margin: .6rem 0 1.2rem; font-size: .95rem; }
dl div { display: grid; grid-template-columns: 8rem 1fr; padding: .25rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl div { grid-template-columns: 1fr; } }
@media print {
  :root {
    --ground: #ffffff; --ink: #000000; --quiet: #444444; --rule: #bbbbbb; --shade: #f2f2f2; --accent: #003f73;
    --bad: #8c0d06; --warn: #6b3a00;
  }
  html { font-size: 11px; }
  main { max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  .legend button { border: 0; padding: 0 .6rem 0 0; }
  .legend button[aria-pressed="false"] { display: none; }
}
`;
