// The page's style sheet: light and dark by the reader's preference, readable at any width, on
// paper too. Colours are never the only sign: every verdict has its glyph and its word.
#pragma once

namespace lockstep::report::html {

inline constexpr const char* kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f7f9; --line: #d5dbe1; --ink: #1a1f25; --soft: #525c67; --link: #0a58a8;
  --pass: #17703a; --pass-back: #e4f5ea; --warn: #7a4b00; --warn-back: #fff3d1;
  --bad: #b3201a; --bad-back: #fdeae8; --open: #6a3d9e; --open-back: #f1e9fb;
  --skip: #525c67; --skip-back: #e9edf1;
  --series-1: #0a6ebd; --series-2: #b8500f; --series-3: #17803d; --series-4: #8a3fb0; --series-5: #a3253f; --series-6: #5b6470;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --panel: #181e25; --line: #333c46; --ink: #e7ecf1; --soft: #a3aeb9; --link: #74b8ff;
    --pass: #5bd083; --pass-back: #11281a; --warn: #f0c14b; --warn-back: #2e250c;
    --bad: #ff8f86; --bad-back: #371816; --open: #cdaaf7; --open-back: #271c39;
    --skip: #a3aeb9; --skip-back: #222a33;
    --series-1: #5cb0f5; --series-2: #f09a5b; --series-3: #5bd083; --series-4: #cf94ee; --series-5: #ff8599; --series-6: #a3aeb9;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
body > header, main, body > footer, body > nav > ul { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, input:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, .code { font: .88em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.aside { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip-link { position: absolute; left: -999px; }
.skip-link:focus { left: 1rem; top: 1rem; background: var(--page); padding: .5rem 1rem; z-index: 2; }
.brand { padding-top: 1.75rem !important; }
.kicker { margin: 0; color: var(--soft); font-size: .95rem; }
body > nav { position: sticky; top: 0; z-index: 1; background: var(--page); border-bottom: 1px solid var(--line); margin-top: 1.5rem; }
body > nav > ul { display: flex; gap: .25rem 1.25rem; flex-wrap: wrap; list-style: none; padding-top: .5rem; padding-bottom: .5rem; font-size: .95rem; }
body > nav a { text-decoration: none; }
body > nav a:hover { text-decoration: underline; }
body > footer { margin-top: 3.5rem; padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .9rem; border-top: 1px solid var(--line); }
section { scroll-margin-top: 3rem; }
.pass { color: var(--pass); } .warn { color: var(--warn); } .bad { color: var(--bad); } .open { color: var(--open); } .skip { color: var(--skip); }
.verdict { border: 1px solid currentColor; border-left-width: .5rem; border-radius: .4rem; padding: 1rem 1.25rem; margin: 1.25rem 0; }
.verdict.pass { background: var(--pass-back); } .verdict.warn { background: var(--warn-back); } .verdict.bad { background: var(--bad-back); }
.verdict.open { background: var(--open-back); }
.verdict > p { color: var(--ink); }
.verdict .says { font-size: 1.5rem; font-weight: 700; line-height: 1.25; margin: 0 0 .5rem; color: inherit; }
.verdict dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem 2rem; margin: 0; color: var(--ink); }
.verdict dt { font-weight: 600; font-size: .92rem; } .verdict dd { margin: 0; }
.caution { font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem 1.5rem; margin: 1rem 0; }
.facts > div { min-width: 0; } .facts dt { color: var(--soft); font-size: .85rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: .05rem .5rem; border-radius: 1rem; font-size: .88rem; font-weight: 600; white-space: nowrap; }
.badge.pass { background: var(--pass-back); } .badge.warn { background: var(--warn-back); } .badge.bad { background: var(--bad-back); }
.badge.open { background: var(--open-back); } .badge.skip { background: var(--skip-back); }
.badge > span { display: inline-block; min-width: 1em; text-align: center; }
.share { display: flex; gap: 2px; height: 1.1rem; margin: .5rem 0 1rem; border-radius: .3rem; overflow: hidden; }
.share > span { background: currentColor; min-width: 3px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
caption { text-align: left; color: var(--soft); padding: .35rem 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .75rem .38rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .85rem; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td.number.zero { color: var(--soft); }
td.bar { width: 40%; } td.bar > span { display: block; height: .7rem; margin-top: .4rem; background: var(--series-1); border-radius: 2px; min-width: 2px; }
.attention { list-style: none; padding: 0; margin: 0; }
.attention li { border-left: .3rem solid var(--bad); color: var(--ink); background: var(--panel); padding: .6rem .9rem; margin: .6rem 0; border-radius: 0 .3rem .3rem 0; }
.attention li.open { border-left-color: var(--open); }
.attention p { margin: .25rem 0 0; max-width: none; overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: .3rem; margin: 0; padding: 0; list-style: none; }
.chips a { display: inline-block; text-decoration: none; padding: .05rem .45rem; border-radius: .25rem; border: 1px solid transparent; font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.chips a:hover { border-color: currentColor; }
.chips .pass { background: var(--pass-back); } .chips .warn { background: var(--warn-back); } .chips .bad { background: var(--bad-back); font-weight: 700; }
.chips .open { background: var(--open-back); } .chips .skip { background: var(--skip-back); }
.clauses { margin: .75rem 0 1.5rem; }
fieldset.filter { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .9rem .6rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1rem; }
.filter legend { color: var(--soft); font-size: .88rem; padding: 0 .3rem; } .filter label { white-space: nowrap; }
body:not(:has(#show-pass:checked)) .case.is-pass, body:not(:has(#show-warn:checked)) .case.is-warn,
body:not(:has(#show-bad:checked)) .case.is-bad, body:not(:has(#show-open:checked)) .case.is-open,
body:not(:has(#show-skip:checked)) .case.is-skip { display: none; }
body:not(:has(#show-uniform:checked)) .matrix tr.uniform { display: none; }
.matrix tr.group th { padding-top: 1.1rem; color: var(--soft); } .matrix tr.differs > * { background: var(--panel); }
.matrix a, td > a:has(.badge) { text-decoration: none; } .matrix a:hover .badge, td > a:hover .badge { text-decoration: underline; }
.case { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; background: var(--page); }
.case > summary { padding: .45rem .8rem; cursor: pointer; display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: baseline; }
.case > summary::before { content: "▸"; color: var(--soft); width: .8em; } .case[open] > summary::before { content: "▾"; }
.case > summary::-webkit-details-marker { display: none; }
.case > summary .badge { min-width: 8.2rem; }
.case > summary .does { color: var(--soft); flex: 1 1 20rem; min-width: 0; }
.case > div { padding: .25rem 1rem 1rem; border-top: 1px solid var(--line); scroll-margin-top: 6rem; }
.case > div:target { box-shadow: inset .25rem 0 0 var(--link); }
.compare { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; margin: .75rem 0; }
.compare > div { background: var(--panel); border-radius: .3rem; padding: .5rem .75rem; min-width: 0; } .compare > .seen { background: var(--bad-back); }
.compare h4 { margin: 0 0 .2rem; font-size: .85rem; color: var(--soft); } .compare p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
dl.told { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .75rem 0; } dl.told dt { color: var(--soft); } dl.told dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.steps td { overflow-wrap: anywhere; font-size: .85rem; } .steps td:nth-child(2) { min-width: 17rem; } .steps .differs > * { background: var(--bad-back); } .steps .mark { color: var(--bad); font-weight: 700; white-space: nowrap; }
.case h4 { margin: .75rem 0 .25rem; } .checks { list-style: none; padding: 0; margin: 0; } .checks li { margin: .35rem 0; } .checks .badge { min-width: 8.2rem; }
.replay { background: var(--panel); border-radius: .3rem; padding: .5rem .75rem; overflow-x: auto; margin: .75rem 0 0; }
figure { margin: 1rem 0 1.75rem; } figcaption { font-weight: 600; margin-bottom: .3rem; }
svg.chart { display: block; width: 100%; font: 13px system-ui, sans-serif; fill: var(--ink); overflow: visible; }
svg.chart .axis { stroke: var(--line); stroke-width: 1; } svg.chart .tick { fill: var(--soft); font-size: 12px; } svg.chart .value { font-variant-numeric: tabular-nums; font-weight: 600; }
svg.lines { max-width: 36rem; }
.series { list-style: none; padding: 0; margin: 0 0 .3rem; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; font-size: .92rem; } .series span { color: var(--series); }
.s1 { --series: var(--series-1); } .s2 { --series: var(--series-2); } .s3 { --series: var(--series-3); } .s4 { --series: var(--series-4); } .s5 { --series: var(--series-5); } .s6 { --series: var(--series-6); }
.s1, .s2, .s3, .s4, .s5, .s6 { fill: var(--series); stroke: var(--series); } .chart polyline { fill: none; stroke-width: 2.5; } .chart text { stroke: none; } .chart .track { fill: var(--panel); stroke: none; }
body:has(#show-c0:not(:checked)) .c0, body:has(#show-c1:not(:checked)) .c1, body:has(#show-c2:not(:checked)) .c2, body:has(#show-c3:not(:checked)) .c3, body:has(#show-c4:not(:checked)) .c4, body:has(#show-c5:not(:checked)) .c5, body:has(#show-c6:not(:checked)) .c6, body:has(#show-c7:not(:checked)) .c7, body:has(#show-c8:not(:checked)) .c8, body:has(#show-c9:not(:checked)) .c9, body:has(#show-c10:not(:checked)) .c10, body:has(#show-c11:not(:checked)) .c11, body:has(#show-c12:not(:checked)) .c12, body:has(#show-c13:not(:checked)) .c13, body:has(#show-c14:not(:checked)) .c14, body:has(#show-c15:not(:checked)) .c15 { display: none; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.25rem 1.75rem; margin: 1rem 0 2rem; }
figure.plot { margin: 0; min-width: 0; } .plot figcaption { overflow-wrap: anywhere; } .plot figcaption span { font-weight: 400; } .unit { color: var(--soft); font-weight: 400; }
svg.lines .curve polyline { stroke-linejoin: round; stroke-linecap: round; } svg.lines .curve:hover polyline { stroke-width: 4.5; } .d1 polyline { stroke-dasharray: 7 5; } .d2 polyline { stroke-dasharray: 2 5; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .9rem; margin: 1.25rem 0 1.5rem; }
.tile { background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; border-top: 3px solid var(--series-1); } .tile p { margin: 0; font-size: .92rem; } .tile .big { font-size: 1.9rem; line-height: 1.25; font-weight: 700; font-variant-numeric: tabular-nums; } .tile .unit { font-size: 1rem; }
.key { position: sticky; top: 2.6rem; z-index: 1; background: var(--page); } .swatch { color: var(--series); }
table.bars td.track { width: 34%; min-width: 9rem; vertical-align: middle; } .track .whole { display: flex; height: .8rem; background: var(--panel); border-radius: 3px; overflow: hidden; } .track .length { background: var(--series); min-width: 1px; }
.bars tr.group th { padding: .9rem 0 .2rem; color: var(--soft); font-size: .9rem; } .bars tbody tr:not(.group) th { font-weight: 400; } .bars tbody tr:not(.group) > * { padding-top: .12rem; padding-bottom: .12rem; border-bottom: 0; }
details.behind { margin: .4rem 0; font-size: .92rem; } details.behind > summary { cursor: pointer; color: var(--soft); }
pre.raw { max-height: 24rem; overflow: auto; background: var(--panel); padding: .75rem; border-radius: .3rem; font-size: .78rem; white-space: pre-wrap; overflow-wrap: anywhere; }
a.download { display: inline-block; padding: .3rem .9rem; border: 1px solid currentColor; border-radius: .4rem; text-decoration: none; font-weight: 600; margin-right: .6rem; }
@media (max-width: 40rem) {
  .key { position: static; } table.bars td.track { width: 100%; } .tiles { grid-template-columns: 1fr 1fr; } .tile .big { font-size: 1.4rem; }
  body { font-size: 15px; } .facts { grid-template-columns: 1fr 1fr; } h1 { font-size: 1.5rem; } dl.told { grid-template-columns: 1fr; gap: 0; } dl.told dd { margin-bottom: .5rem; }
  body > nav { position: static; } .case > summary .does { flex-basis: 100%; }
  table.stack thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  table.stack tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); } table.stack th, table.stack td { display: block; border: 0; padding: .1rem 0; }
  table.stack td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: .88rem; }
  table.stack td.number { display: inline-block; margin-right: 1rem; text-align: left; } table.stack td.zero, table.stack td:empty { display: none; }
}
@media print { body > nav, .filter, .skip-link { display: none; } .case { break-inside: avoid; } }
)css";

}  // namespace lockstep::report::html
