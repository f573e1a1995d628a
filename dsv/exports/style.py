"""How all pages look: light or dark as the reader's system is, readable on a phone, and calm on paper."""

from __future__ import annotations

STYLE = """
:root {
  --ground: #ffffff; --raised: #f6f7f9; --ink: #1c2128; --quiet: #5c6570; --line: #d9dee4;
  --gone: #ffdcd8; --gone-ink: #86181d; --come: #d2f5d8; --come-ink: #0b5a25; --other: #8a5a00;
  --link: #0a58b0; --before: #9aa5b3; --after: #2f6fca; --s1: #b35c00; --s2: #1a7f64; --s3: #9b3fa8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1318; --raised: #171c23; --ink: #dfe5ec; --quiet: #95a0ad; --line: #2c343e;
    --gone: #4c1d1f; --gone-ink: #ffb3ad; --come: #12391f; --come-ink: #9ee7b0; --other: #e3b341;
    --link: #79b4ff; --before: #6b7785; --after: #5b9bf3; --s1: #e8964a; --s2: #4cc3a1; --s3: #d58ae0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere;
}
code, dd, dt { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; font-weight: 600; }
h1 span { color: var(--quiet); }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: .95rem; font-weight: 400; margin: 0; padding: .55rem .8rem; background: var(--raised); }
h3 em { font-style: normal; font-weight: 600; }
small { color: var(--quiet); font-size: .85em; }
header ul, section ul { padding-left: 1.2rem; margin: .5rem 0; }
.verdict {
  display: inline-block; margin: .9rem 0 .3rem; padding: .2rem .7rem; border-radius: .4rem; font-weight: 600;
  border: 1px solid var(--line); background: var(--raised);
}
.verdict.major { color: var(--gone-ink); background: var(--gone); border-color: transparent; }
.verdict.minor { color: var(--come-ink); background: var(--come); border-color: transparent; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; font-weight: 400; white-space: normal; min-width: 9rem; }
thead th { color: var(--quiet); font-weight: 400; font-size: .85rem; }
td.added, small.added { color: var(--come-ink); }
td.removed, small.removed { color: var(--gone-ink); }
td.modified, td.moved, small.modified, small.renamed { color: var(--other); }
article { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; margin: 0 0 1rem; }
article.added h3 em { color: var(--come-ink); } article.removed h3 em { color: var(--gone-ink); }
article.modified h3 em, article.moved h3 em, article.similar h3 em { color: var(--other); }
dl { margin: 0; font-size: .87rem; }
dl > div {
  display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr; gap: .2rem 1rem; padding: .4rem .8rem;
  border-top: 1px solid var(--line);
}
dl > div.glance { padding-top: .12rem; padding-bottom: .12rem; border-top: 0; }
dl > div.glance:first-child { padding-top: .4rem; }
dl > div.glance:last-child { padding-bottom: .4rem; }
dl > div.turn { padding-left: 1.8rem; }
dl > div.chat { padding-bottom: .1rem; border-bottom: 0; }
dl > div.turn { border-top: 0; }
dt { color: var(--quiet); }
dd { margin: 0; white-space: pre-wrap; }
del, ins { border-radius: .2rem; padding: 0 .15rem; }
del { background: var(--gone); color: var(--gone-ink); text-decoration: line-through; text-decoration-thickness: 1px; }
ins { background: var(--come); color: var(--come-ink); text-decoration: none; }
del + ins { margin-left: .1rem; }
figure { margin: 1.2rem 0; min-width: 0; }
h2 + figure, .plots figure { margin-top: 0; }
figcaption { font-weight: 600; font-size: .92rem; margin: 0 0 .35rem; }
svg { display: block; }
svg.plot { overflow: visible; }
svg.plot text {
  fill: var(--quiet); font-size: .72rem; font-variant-numeric: tabular-nums;
  paint-order: stroke; stroke: var(--ground); stroke-width: 3px; stroke-linejoin: round;
}
svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
svg polyline.s0 { stroke: var(--after); } svg circle.s0 { fill: var(--after); }
svg polyline.s1 { stroke: var(--s1); stroke-dasharray: 6 3; } svg circle.s1 { fill: var(--s1); }
svg polyline.s2 { stroke: var(--s2); stroke-dasharray: 2 3; } svg circle.s2 { fill: var(--s2); }
svg polyline.s3 { stroke: var(--s3); stroke-dasharray: 8 3 2 3; } svg circle.s3 { fill: var(--s3); }
svg polyline.gap { stroke-width: 1; stroke-dasharray: 3 4; }
svg circle { stroke: var(--ground); stroke-width: 1.5; }
svg rect.old { fill: var(--before); } svg rect.new { fill: var(--after); }
svg .median { stroke: var(--ink); stroke-width: 2; }
svg.bars { min-width: 7rem; }
svg.spark { width: 5.5rem; height: 1.5rem; }
td.drawn { width: 40%; min-width: 7rem; }
tr > :last-child { padding-right: 0; }
table:has(td.drawn) { width: 100%; }
ul.keys { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: 0 0 .2rem; }
ul.keys, figure details { color: var(--quiet); font-size: .85rem; }
i.old, i.new, i.s0, i.s1, i.s2, i.s3 {
  display: inline-block; width: .7em; height: .7em; border-radius: .15em; margin-right: .4em;
}
i.old { background: var(--before); } i.new, i.s0 { background: var(--after); }
i.s1 { background: var(--s1); } i.s2 { background: var(--s2); } i.s3 { background: var(--s3); }
summary { cursor: pointer; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .15rem; }
h1 a { color: inherit; text-decoration: none; } h1 a:hover { text-decoration: underline; }
p { max-width: 46rem; }
.summary { font-size: 1.05rem; margin: .5rem 0; white-space: pre-line; }
.badges { margin: .5rem 0 0; display: flex; flex-wrap: wrap; gap: .3rem; }
.badge {
  display: inline-block; padding: 0 .5rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8rem;
  line-height: 1.45rem; color: var(--quiet); background: var(--raised); overflow-wrap: anywhere;
}
.badge.stage, .badge.good { color: var(--come-ink); background: var(--come); border-color: transparent; }
.badge.warned { color: var(--gone-ink); background: var(--gone); border-color: transparent; }
.notice { color: var(--gone-ink); background: var(--gone); padding: .4rem .8rem; border-radius: .4rem; }
dl.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .9rem 1rem; margin: 1.3rem 0;
  padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--raised);
}
dl.facts > div { display: block; border: 0; padding: 0; }
dl.facts dt, dl.facts dd { font-family: inherit; }
dl.facts dt { font-size: .8rem; } dl.facts dd { font-size: 1.02rem; font-variant-numeric: tabular-nums; }
td.words, th.words { text-align: left; } td.words { white-space: pre-wrap; overflow-wrap: break-word; }
td.words code { overflow-wrap: anywhere; }
ol.events { list-style: none; padding: 0; margin: 0; }
ol.events li { border-left: 2px solid var(--line); padding: .1rem 0 .5rem .9rem; }
ol.events p { margin: .1rem 0; white-space: pre-line; }
svg.graph, .graph svg { font-size: .8rem; }
.graph { padding: .2rem 0 .6rem; }
.graph svg { max-width: 100%; height: auto; } .graph.wide svg { max-width: none; }
.graph.of-2 svg { min-width: 23rem; } .graph.of-3 svg { min-width: 36rem; } .graph.of-4 svg { min-width: 48rem; }
.graph.of-5 svg { min-width: 56rem; } .graph.of-6 svg { min-width: 62rem; }
.graph.late { direction: rtl; } .graph.late svg { direction: ltr; }
.scroll + .scroll { margin-top: 1rem; }
.graph rect { fill: var(--raised); stroke: var(--line); }
.graph text { fill: var(--ink); } .graph text.quiet, .graph text.relation { fill: var(--quiet); font-size: .72rem; }
.graph text.relation { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
.graph .asked rect { stroke: var(--link); stroke-width: 2.5; }
.graph .edge path { fill: none; stroke: var(--after); stroke-width: 1.5; }
.graph .edge.previous path { stroke: var(--before); }
.graph .edge path.tip { fill: var(--after); stroke: none; } .graph .edge.previous path.tip { fill: var(--before); }
.graph .is-yanked rect, .graph .is-removed rect { stroke: var(--gone-ink); stroke-dasharray: 5 3; }
.graph .is-missing rect, .graph .is-elsewhere rect, .graph .is-deleted rect { stroke-dasharray: 2 3; fill: none; }
.graph a:hover rect, .graph a:focus rect { stroke: var(--link); }
.graph a { text-decoration: none; }
.head, footer { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; font-size: .9rem; color: var(--quiet); }
.head { padding-bottom: .7rem; margin-bottom: 1.2rem; border-bottom: 1px solid var(--line); }
.head nav a { margin-right: .8rem; }
ol.way { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
ol.way li + li::before { content: "/"; margin: 0 .45rem; color: var(--quiet); }
ol.way li a, .head nav a { margin-right: 0; } .head > nav:first-child a { margin-right: .9rem; }
footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--line); font-size: .82rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
main:focus { outline: none; }
nav.steps { float: right; font-size: .9rem; } nav.steps a { margin-left: .9rem; }
#search {
  display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; padding: .8rem 1rem;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--raised);
}
#search[hidden] { display: none; }
#search label { color: var(--quiet); font-size: .82rem; display: grid; gap: .15rem; }
#search .query { flex: 1 1 16rem; }
#search p { flex-basis: 100%; margin: 0; font-size: .88rem; } #search p:empty { display: none; }
input, select, button { font: inherit; color: inherit; }
input, select {
  padding: .35rem .6rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--ground);
  color: var(--ink); font-size: 1rem; height: 2.3rem; max-width: 100%; min-width: 0;
}
th button { border: 0; padding: 0; background: none; cursor: pointer; }
th[aria-sort] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
table.list { width: 100%; }
.list tbody th small { display: block; line-height: 1.35; white-space: pre-line; }
.list tbody th { min-width: 15rem; vertical-align: top; padding: .5rem .8rem .5rem 0; }
.list td { vertical-align: top; padding-top: .5rem; }
.list td.words { white-space: nowrap; }
.list td svg { margin-left: auto; }
.list tr.quiet { opacity: .65; }
#versions { padding-left: 1.2rem; } #versions span { color: var(--quiet); }
mark { background: var(--come); color: inherit; border-radius: .15rem; }
pre { overflow-x: auto; padding: .6rem .8rem; border-radius: .4rem; background: var(--raised); }
@media (max-width: 40rem) {
  .list tbody th { min-width: 11rem; }
  nav.steps { float: none; margin-bottom: .5rem; } nav.steps a { margin: 0 .9rem 0 0; }
}
@media print { .head, footer, #search, .skip { display: none; } body { max-width: none; } }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 2rem; }
.seen-not { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; }
  dl > div { grid-template-columns: 1fr; gap: 0; }
  dl > div > dt:empty { display: none; }
  dl > div.turn { padding-left: 1.2rem; }
  table { font-size: .84rem; }
  th, td { padding: .3rem .3rem; }
  thead th { font-size: .76rem; }
  th:first-child { min-width: 5.5rem; overflow-wrap: break-word; }
  td.drawn { min-width: 6rem; }
}
"""
