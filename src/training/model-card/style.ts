/** The style sheet of the model card, light and dark, for screen and paper. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --ink: #1c1d21; --soft: #5d6069; --faint: #8b8e97; --rule: #e4e4e0; --grid: #eeeeea;
  --fraud: #c8442b; --genuine: #2f6fc4; --before: #8a6d1d; --guide: #9a9da6; --accent: #0f766e; --wash: #eef6f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131417; --card: #1b1d21; --ink: #eceef2; --soft: #a7abb5; --faint: #7d818c; --rule: #2d3037; --grid: #25282e;
    --fraud: #f07a5e; --genuine: #6ba5f2; --before: #d9b650; --guide: #777b86; --accent: #4fc3b5; --wash: #18302d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 40px 24px 64px; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: end; gap: 8px 32px; margin-bottom: 28px; }
h1 { font-size: 30px; line-height: 1.15; letter-spacing: -0.02em; margin: 0; font-weight: 650; }
h2 { font-size: 19px; letter-spacing: -0.01em; margin: 44px 0 14px; font-weight: 650; }
h3 { font-size: 15px; margin: 0; font-weight: 620; }
p { margin: 0 0 10px; max-width: 78ch; }
.lead { color: var(--soft); margin: 6px 0 0; }
.stamp { color: var(--faint); font-size: 13px; text-align: right; }
code { font: 0.88em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.card, figure { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; }
.tile { padding: 16px 18px; }
.tile b { display: block; font-size: 27px; line-height: 1.2; letter-spacing: -0.02em; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile b i { font-style: normal; font-size: 15px; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.together { white-space: nowrap; }
.tile span { display: block; color: var(--soft); font-size: 13px; }
.tile small { color: var(--faint); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr)); gap: 16px; align-items: start; }
.pair > *, .figures > * { min-width: 0; }
figure { margin: 0; padding: 18px 20px 14px; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 16px; margin-bottom: 10px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; color: var(--soft); }
.key { display: inline-flex; align-items: center; gap: 6px; }
.swatch { width: 18px; height: 0; border-top: 2.5px solid; }
.swatch.fraud { border-color: var(--fraud); } .swatch.genuine { border-color: var(--genuine); border-top-style: dashed; }
.swatch.before { border-color: var(--before); border-top-style: dotted; } .swatch.accent { border-color: var(--accent); border-top-style: double; border-top-width: 4px; } .swatch.guide { border-color: var(--guide); border-top-style: dashed; border-top-width: 1.5px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--faint); font-size: 11.5px; } svg .marker-text { fill: var(--ink); font-size: 11.5px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.grid { stroke: var(--grid); } .axis { stroke: var(--rule); } .marker { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.fraud { stroke: var(--fraud); } .line.genuine { stroke: var(--genuine); stroke-dasharray: 6 3; } .line.before { stroke: var(--before); stroke-dasharray: 2 3; stroke-width: 1.5; }
.line.accent { stroke: var(--accent); stroke-dasharray: 10 3 2 3; }
.line.guide { stroke: var(--guide); stroke-width: 1.25; stroke-dasharray: 4 4; }
.area { opacity: 0.13; } .area.fraud { fill: var(--fraud); } .area.genuine { fill: var(--genuine); }
.dot { stroke: var(--card); stroke-width: 1.5; } .dot.fraud { fill: var(--fraud); } .dot.before { fill: var(--before); } .dot.accent { fill: var(--accent); }
details > summary { cursor: pointer; margin: 14px 0; font-weight: 620; } td.best { font-weight: 650; }
.note { color: var(--soft); font-size: 13px; margin: 10px 0 0; }
.scroll { overflow-x: auto; padding: 6px 20px 12px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding: 10px 0 4px; caption-side: bottom; }
th, td { text-align: right; padding: 7px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; font-weight: 400; vertical-align: baseline; }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } td:last-child, th:last-child { padding-right: 0; }
thead th { color: var(--faint); font-size: 12.5px; }
td small, th small { display: block; color: var(--faint); font-size: 12px; }
tr.chosen > * { background: var(--wash); } tr.chosen th { font-weight: 620; } tr.chosen small { font-weight: 400; }
.badge { display: inline-block; padding: 0 8px; margin-left: 8px; border: 1px solid var(--accent); border-radius: 99px; color: var(--accent); font-size: 12px; }
.importance { max-width: 100%; } .importance th[scope=row] { white-space: normal; overflow-wrap: anywhere; } .bar { width: 50%; min-width: 120px; } .bar i { display: block; height: 12px; min-width: 1px; border-radius: 2px 4px 4px 2px; background: var(--accent); }
.matrix thead th + th { text-align: center; } .matrix td { text-align: center; padding: 14px 12px; } .matrix td b { display: block; font-size: 20px; font-weight: 620; }
.matrix .right { background: var(--wash); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 20px; margin: 0; padding: 16px 20px; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding: 14px 20px 14px 38px; } li { margin: 4px 0; max-width: 88ch; }
@media (max-width: 560px) { main { padding: 24px 14px 40px; } .stamp { text-align: left; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } figure { padding: 14px 12px; } .bar { width: 26%; min-width: 56px; } .importance th[scope=row] { min-width: 150px; } th, td { padding: 7px 6px; } .scroll { padding: 4px 12px 10px; } }
@media print { :root { --page: #ffffff; } main { max-width: none; padding: 0; } figure, .card { break-inside: avoid; } }
`;
