// The report's style. Two themes by what the reader's system prefers, and one for paper.
// Tested by tests/report/report_browser_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_page.hpp"

namespace mcpgov::cli {

std::string_view report_style() noexcept {
  return R"css(
:root {
  --page: #f5f6f8; --card: #fff; --ink: #16202c; --soft: #56616f; --line: #dce1e8; --head: #f0f3f7;
  --allowed: #2f6fb5; --observed: #d89a00; --denied: #c8323c; --pending: #8b5fbf;
  --good: #14713f; --good-back: #e0f4e8; --bad: #a71d2a; --bad-back: #fde6e7;
  --middling: #7a5300; --middling-back: #fdf1d3; --link: #1d5fa8;
  --heat: 32 84 148; --hot: #fff; --back: #e6eaef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #18202a; --ink: #e6ebf1; --soft: #9daab9; --line: #2c3744;
    --head: #1f2935; --allowed: #5b9be0; --observed: #e8b64c; --denied: #f06a72; --pending: #b793e6;
    --good: #7fd6a4; --good-back: #12321f; --bad: #ff9da3; --bad-back: #45191d;
    --middling: #f0c46a; --middling-back: #3a2c0b; --link: #86b9f0;
    --heat: 91 155 224; --hot: #0b1016; --back: #2a3542;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
header, main, footer { max-width: 1240px; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; padding-bottom: 1rem; }
header p { margin: 0; color: var(--soft); }
header .brand { font-weight: 700; letter-spacing: .04em; color: var(--link); }
h1 { font-size: 2rem; line-height: 1.2; margin: .1rem 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 0 0 .75rem; }
h2 span {
  display: inline-block; min-width: 1.9rem; padding: 0 .45rem; margin-right: .4rem;
  border-radius: .95rem; background: var(--ink); color: var(--card); text-align: center;
  font-size: 1.05rem; line-height: 1.9rem;
}
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .5rem 0; }
code { font: .88em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas,
    "DejaVu Sans Mono", monospace; }
nav {
  position: sticky; top: 0; z-index: 2; display: flex; gap: .25rem; overflow-x: auto;
  align-items: center; padding: .45rem max(1.25rem, calc(50% - 620px + 1.25rem));
  background: var(--page); border-bottom: 1px solid var(--line);
}
nav a {
  padding: .25rem .6rem; border-radius: .4rem; color: var(--link); text-decoration: none;
  white-space: nowrap;
}
nav a:hover { background: var(--back); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible, input:focus-visible,
th button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.search { margin-left: auto; padding-left: 1rem; color: var(--soft); white-space: nowrap; }
.search input {
  width: 13rem; font: inherit; padding: .15rem .5rem; border: 1px solid var(--line);
  border-radius: .4rem; background: var(--card); color: var(--ink);
}
section {
  background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
  padding: 1.25rem; margin: 1.25rem 0;
}
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); gap: .7rem;
  margin-top: 1.25rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
  padding: .7rem .8rem; }
.tile strong { display: block; font-size: 1.55rem; line-height: 1.25;
  font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.tile span { color: var(--soft); font-size: .88rem; }
.tile.bad strong { color: var(--bad); }
.tile.good strong { color: var(--good); }
.tile.middling strong { color: var(--middling); }
.banner { padding: .7rem 1rem; border-radius: .5rem; border-left: .35rem solid; }
.banner.good { background: var(--good-back); border-color: var(--good); }
.banner.bad { background: var(--bad-back); border-color: var(--bad); }
.banner.middling { background: var(--middling-back); border-color: var(--middling); }
.scope { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr));
  gap: .5rem 1.5rem; margin: 1rem 0; }
.scope dt, .quiet dt { color: var(--soft); font-size: .85rem; }
.scope dd { margin: 0; }
.scroll, .plot { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { max-width: min(100%, calc(100vw - 3.5rem)); text-align: left;
  font-weight: 600; padding-bottom: .4rem; }
caption small, th small { font-weight: 400; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid var(--line); min-width: 3rem; }
th[scope=row] { font-weight: 500; min-width: 9rem; max-width: 22rem; }
th small { display: block; font-size: .8rem; }
caption small { display: inline; font-size: .85rem; }
thead th { background: var(--head); font-size: .82rem; white-space: nowrap; color: var(--soft); }
td.t { white-space: nowrap; }
td .tag + small { display: block; min-width: 13rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:hover { background: var(--head); }
th button { all: unset; cursor: pointer; }
th button::after { content: " ↕"; opacity: .35; }
th[aria-sort=ascending] button::after { content: " ↑"; opacity: 1; }
th[aria-sort=descending] button::after { content: " ↓"; opacity: 1; }
tr.shadow th[scope=row] { box-shadow: inset .25rem 0 var(--denied); }
tr[hidden] { display: none; }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .7rem; font-size: .78rem;
  line-height: 1.35rem; background: var(--back); color: var(--ink); white-space: nowrap; }
.tag.destructive, .tag.bad, .tag.serious { background: var(--bad-back); color: var(--bad); }
.tag.write, .tag.warning, .tag.middling { background: var(--middling-back);
  color: var(--middling); }
.tag.good, .tag.read_only { background: var(--good-back); color: var(--good); }
svg text { fill: var(--soft); font: 11px system-ui, "DejaVu Sans", sans-serif; }
.plot svg { display: block; width: 100%; min-width: 40rem; height: auto; }
.pair .plot svg { min-width: 26rem; }
svg.bar { display: block; width: 7.5rem; height: .75rem; margin-top: .3rem; }
.grid { stroke: var(--line); stroke-width: 1; }
.tick { stroke: var(--soft); stroke-width: 1; }
rect.allowed { fill: var(--allowed); } rect.observed { fill: var(--observed); }
rect.denied { fill: var(--denied); } rect.pending { fill: var(--pending); }
rect.back { fill: var(--back); }
.box { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem;
  margin: 0 .35rem 0 .9rem; vertical-align: -.08rem; border: 1px solid var(--line); }
.box.allowed { background: var(--allowed); } .box.observed { background: var(--observed); }
.box.denied { background: var(--denied); } .box.pending { background: var(--pending); }
.legend { color: var(--soft); font-size: .88rem; }
.legend b, .legend i { margin-left: .9rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
  gap: 0 2rem; }
.pair > * { min-width: 0; }
.map { width: auto; font-size: .8rem; }
.map th[scope=row] { min-width: 10rem; position: sticky; left: 0; background: var(--card); }
.map thead th { vertical-align: bottom; padding: .4rem .2rem; text-align: center;
  min-width: 2.1rem; }
.map thead th:first-child { text-align: left; padding-left: .6rem; }
.map thead th span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem; }
.map td { text-align: center; padding: .25rem .2rem; min-width: 2.6rem; white-space: nowrap;
  border: 1px solid var(--card); font-variant-numeric: tabular-nums; }
.clock td { min-width: 1.9rem; font-size: .72rem; }
.h1 { background: rgb(var(--heat) / .12); } .h2 { background: rgb(var(--heat) / .25); }
.h3 { background: rgb(var(--heat) / .4); } .h4 { background: rgb(var(--heat) / .62); }
.h5 { background: rgb(var(--heat) / .85); color: var(--hot); }
.h6 { background: rgb(var(--heat)); color: var(--hot); }
.map b, .legend b { color: var(--denied); font-weight: 600; }
.map td b { display: block; background: var(--card); border-radius: .2rem; font-size: .72rem; }
.map i, .legend i { color: var(--soft); font-style: normal; }
.map td.none, .box.none { background-image: repeating-linear-gradient(135deg, transparent 0 5px,
  var(--back) 5px 6px); }
details.rule { border: 1px solid var(--line); border-left: .35rem solid var(--line);
  border-radius: .5rem; padding: .6rem 1rem; margin: .8rem 0; }
details.serious { border-left-color: var(--denied); }
details.warning { border-left-color: var(--observed); }
summary { cursor: pointer; }
summary h3 { display: inline; margin: 0 .5rem 0 0; }
summary .number { float: right; font-weight: 700; font-variant-numeric: tabular-nums; }
details p { color: var(--soft); }
ul.glance { list-style: none; margin: 0; padding: 0; }
.glance li { padding: .3rem 0; } .glance small { color: var(--soft); white-space: nowrap; }
.glance a { color: var(--link); font-weight: 600; }
.glance .tag { min-width: 4.6rem; text-align: center; }
.quiet { margin-top: 1rem; } .quiet dd { margin: 0 0 .6rem; }
.quiet dt { color: var(--ink); font-weight: 600; margin-top: .4rem; }
.proof { max-width: 24rem; white-space: normal; } .proof summary { color: var(--link); }
.proof dl { margin: .2rem 0 0; font-size: .82rem; } .proof dd { margin: 0 0 .3rem; }
.proof dt { color: var(--soft); } .proof code { overflow-wrap: anywhere; }
.trace .node { fill: var(--head); stroke: var(--line); }
.trace .node.destructive { stroke: var(--denied); stroke-width: 2; }
.trace g text { fill: var(--ink); font-size: 13px; }
.edge { fill: none; opacity: .75; } path.allowed { stroke: var(--allowed); }
path.observed { stroke: var(--observed); }
path.denied { stroke: var(--denied); stroke-dasharray: 5 4; }
.limits, .none:not(td):not(.box) { color: var(--soft); font-style: italic; }
footer { padding-bottom: 2rem; color: var(--soft); font-size: .88rem; }
@media (max-width: 40rem) {
  header, main, footer { padding-left: .75rem; padding-right: .75rem; }
  nav { padding-left: .75rem; padding-right: .75rem; }
  section { padding: .9rem; }
  h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: repeat(3, 1fr); gap: .45rem; }
  .tile { padding: .5rem .6rem; } .tile strong { font-size: 1.15rem; }
  .search { display: none; }
}
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --head: #f3f3f3;
    --heat: 32 84 148; --hot: #000; --back: #e6eaef; --good: #14713f; --bad: #a71d2a;
    --middling: #7a5300; --good-back: #fff; --bad-back: #fff; --middling-back: #fff;
    --allowed: #2f6fb5; --observed: #d89a00; --denied: #c8323c; --pending: #8b5fbf; }
  body { font-size: 10px; }
  nav, .search { display: none; }
  section { border: 0; padding: 0; break-inside: auto; }
  h2 { break-after: avoid; } tr, .tile, details p { break-inside: avoid; }
  .scroll, .plot { overflow: visible; } .plot svg { min-width: 0; }
  .map th[scope=row] { position: static; }
  .h4, .h5, .h6 { background: rgb(var(--heat) / .5); }
  thead { display: table-header-group; }
  svg, td, .tag, .box { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@page { margin: 14mm; size: A4 landscape; }
)css";
}

}  // namespace mcpgov::cli
