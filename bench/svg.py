# SPDX-License-Identifier: Apache-2.0
"""Plots as small SVG files, without anything installed."""
import math

COLOURS = ["#1b6ca8", "#2a9d8f", "#e76f51", "#9b5de5", "#8d99ae"]


def svg(path, width, height, body):
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
                f'font-size="13"><rect width="{width}" height="{height}" fill="white"/>{"".join(body)}</svg>\n')


def text(x, y, s, anchor="start", colour="#222"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{s}</text>'


def line(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def seconds(v):
    return f"{v:g} s" if v >= 1 else f"{v * 1000:g} ms"


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def loglog(path, title, series, x_label):
    """series: {name: [(x, seconds)]}; x_label(x) names a point of the x axis."""
    xs = sorted({x for points in series.values() for x, _ in points})
    low, high = decades([y for points in series.values() for _, y in points])
    left, top, w, h = 80, 50, 480, 300

    def at(x, y):
        return (left + w * math.log(x / xs[0]) / math.log(xs[-1] / xs[0]),
                top + h * (high - math.log10(y)) / (high - low))

    body = [text(left, 25, title)]
    for e in range(low, high + 1):
        y = at(xs[0], 10 ** e)[1]
        body += [line(left, y, left + w, y), text(left - 8, y + 4, seconds(10 ** e), "end")]
    body += [text(at(x, 1)[0], top + h + 20, x_label(x), "middle") for x in xs]
    for colour, (name, points) in zip(COLOURS, series.items()):
        places = [at(x, y) for x, y in points]
        body.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2.5" points="' +
                    " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
        body.append(text(places[-1][0] + 10, places[-1][1] + 4, name, colour=colour))
    svg(path, left + w + 170, top + h + 40, body)


def bars(path, title, rows):
    """rows: [(name, seconds, colour number)], on a logarithmic axis."""
    low, high = decades([v / 2 for _, v, _ in rows] + [v for _, v, _ in rows])     # the shortest can be seen
    left, top, bar, w = 300, 50, 28, 400
    body, y = [text(20, 25, title)], top
    for e in range(low, high + 1):
        x = left + w * (e - low) / (high - low)
        foot = top + bar * len(rows)
        body += [line(x, top - 6, x, foot), text(x, foot + 18, seconds(10 ** e), "middle")]
    for name, v, colour in rows:
        length = w * (math.log10(v) - low) / (high - low)
        body += [text(left - 8, y + 16, name, "end"),
                 f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 8}" fill="{COLOURS[colour]}"/>',
                 text(left + length + 6, y + 15, f"{v:,.0f}" if v >= 100 else f"{v:.3g}")]
        y += bar
    svg(path, left + w + 80, y + 30, body)
