"""One self-contained HTML page: no script, nothing fetched, light and dark, readable on paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_STYLE = """
:root{color-scheme:light dark;--bg:#f5f6f7;--surface:#fff;--line:#dbe0e5;--text:#16202a;--text-2:#46525f;--accent:#0b5c70;
--ok:#17693f;--warn:#7f4c08;--bad:#ae231b;--hold:#5843a5;--quiet:#7b8794;--focus:#0b5c70}
@media(prefers-color-scheme:dark){:root{--bg:#0e1317;--surface:#151b21;--line:#2c3741;--text:#e9eef3;--text-2:#bac4ce;--accent:#5cc3d8;
--ok:#74d19b;--warn:#f0bb60;--bad:#ff9990;--hold:#bcaaf6;--quiet:#748291;--focus:#7fd3e4}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:14px/20px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:960px;margin:0 auto;padding:32px 16px;display:grid;gap:16px}
h1{margin:0;font-size:26px;line-height:32px;font-weight:600}h2{margin:0 0 8px;font-size:18px;line-height:24px;font-weight:600}
p{margin:0 0 8px}.second,caption,figcaption,.legend{color:var(--text-2)}
section{min-width:0;padding:18px;border:1px solid var(--line);border-radius:12px;background:var(--surface)}
.big{margin:0;font-size:52px;line-height:56px;font-weight:600}
figure{margin:16px 0 0}figcaption{font-weight:550}svg{display:block;width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:4px 0 8px;font-size:12px}.legend span{display:inline-flex;gap:6px;align-items:center}
.key{width:12px;height:12px;border:1px solid var(--text-2);border-radius:2px}
.fill.accent,.key.accent{fill:var(--accent);background:var(--accent)}.fill.ok,.key.ok{fill:var(--ok);background:var(--ok)}
.fill.warn,.key.warn{fill:var(--warn);background:var(--warn)}.fill.bad,.key.bad{fill:var(--bad);background:var(--bad)}
.fill.hold,.key.hold{fill:var(--hold);background:var(--hold)}.fill.quiet,.key.quiet{fill:var(--quiet);background:var(--quiet)}
.key.bad{background-image:repeating-linear-gradient(45deg,transparent 0 3px,var(--surface) 3px 5px)}
.key.hold{background-image:repeating-linear-gradient(0deg,transparent 0 3px,var(--surface) 3px 5px)}
.key.warn{background-image:repeating-linear-gradient(90deg,transparent 0 3px,var(--surface) 3px 5px)}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.line.accent{stroke:var(--accent)}.line.ok{stroke:var(--ok)}.line.warn{stroke:var(--warn)}
.line.bad{stroke:var(--bad)}.line.hold{stroke:var(--hold)}.line.quiet{stroke:var(--quiet)}
.dash-1{stroke-dasharray:6 4}.dash-2{stroke-dasharray:2 3}.band{fill:var(--accent);opacity:.16}
.grid{stroke:var(--line)}.tick{fill:var(--text-2);font-size:12px}.value{fill:var(--text);font-size:12px;font-weight:600}
.stripe{stroke:var(--surface);stroke-width:1.6}
.frame{overflow-x:auto}table{width:100%;border-collapse:collapse;font-size:13px;line-height:18px}caption{padding:4px 8px;text-align:left}
th,td{padding:6px 8px;border-top:1px solid var(--line);text-align:left;vertical-align:top}thead th{border-top:0;color:var(--text-2);font-weight:500}
td:nth-child(2){font-weight:600}summary{padding:4px 0;cursor:pointer;color:var(--accent)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
@media(forced-colors:active){.fill{fill:CanvasText}.line{stroke:CanvasText}.key{forced-color-adjust:none}}
@media print{body{background:#fff}section{break-inside:avoid}details{display:none}}
"""

_TEXTURES = (
    '<svg width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="texture-bad" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripe" x1="0" y1="0" x2="0" y2="5"/></pattern>'
    '<pattern id="texture-hold" width="5" height="5" patternUnits="userSpaceOnUse"><line class="stripe" x1="0" y1="0" x2="5" y2="0"/></pattern>'
    '<pattern id="texture-warn" width="5" height="5" patternUnits="userSpaceOnUse"><line class="stripe" x1="0" y1="0" x2="0" y2="5"/></pattern>'
    "</defs></svg>"
)


def page(title: str, subtitle: str, sections: Iterable[str]) -> str:
    """Return the whole document."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{_TEXTURES}<main>"
        f'<header><h1>{escape(title)}</h1><p class="second">{escape(subtitle)}</p></header>'
        f"{''.join(sections)}</main></body></html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """Return one card of a page; the parts are HTML already."""
    return f"<section><h2>{escape(heading)}</h2>{''.join(parts)}</section>"


def paragraph(text: str, kind: str = "") -> str:
    """Return one paragraph of plain text; `kind`: `big`, `second`."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"
