#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/memory_plot.py DIR - medians and spreads of DIR/*.tsv into table.txt, and two plots as SVG."""
import math
import os
import statistics
import sys

from svg import COLOURS, svg, text


def read(directory):
    """Lines of one name and case are repetitions; ranges ("a..b") are kept as they are."""
    rows = {}
    for name in ("memmap", "dirty", "guest", "growth"):
        path = os.path.join(directory, name + ".tsv")
        for line in open(path) if os.path.exists(path) else ():
            part = (line.rstrip("\n") + "\t\t\t").split("\t")
            try:
                value = float(part[2])
                rows.setdefault((part[0], part[1], part[3]), []).append(value)
            except ValueError:
                pass
    return rows


def table(rows, path):
    with open(path, "w") as f:
        for (name, case, unit), values in rows.items():
            spread = f"  ({min(values):.4g}..{max(values):.4g}, {len(values)} runs)" if len(values) > 1 else ""
            f.write(f"{name:45s} {case:45s} {statistics.median(values):12.5g} {unit}{spread}\n")


def plot_updates(rows, path):
    series = ["paprika, single", "paprika, one transaction", "rebuild, deferred", "rebuild + grace period"]
    regions = [10, 1000, 100000]
    left, top, w, h = 90, 50, 480, 300

    def at(n, ns):
        return left + w * (math.log10(n) - 1) / 4, top + h * (1 - (math.log10(ns) - 2) / 5)

    body = [text(left, 25, "CPU time per update of the map, beside two running readers (log-log)")]
    for e in range(2, 8):
        y = at(10, 10 ** e)[1]
        label = ["100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms"][e - 2]
        body.append(f'<line x1="{left}" x2="{left + w}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        body.append(text(left - 8, y + 4, label, "end"))
    for n in regions:
        body.append(text(at(n, 100)[0], top + h + 20, f"{n:,} regions", "middle"))
    for colour, name in zip(COLOURS, series):
        points = [at(n, statistics.median(rows[(name + " cpu", str(n), "ns/update")])) for n in regions]
        body.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2.5" points="' +
                    " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
        body.append(text(points[-1][0] + 10, points[-1][1] + 4, name, colour=colour))
    svg(path, 780, 400, body)


def plot_scan(rows, path):
    names = ["bound", "paprika", "locked bitmap", "exchange"]
    left, top, bar = 150, 50, 26
    cases = [c for c in ("1 % at random", "0.01 % at random") if ("scan 1 TiB, paprika", c, "us") in rows]
    longest = max(statistics.median(rows[("scan 1 TiB, " + n, c + ", CPU", "us")]) for n in names for c in cases)
    body, y = [text(20, 25, "Collecting the dirty pages of 1 TiB (4K pages), milliseconds of CPU time")], top
    for case in cases:
        body.append(text(20, y + 14, case + " dirty"))
        y += 24
        for colour, name in zip(COLOURS, names):
            v = statistics.median(rows[("scan 1 TiB, " + name, case + ", CPU", "us")])
            body.append(text(left - 8, y + 17, name, "end"))
            body.append(f'<rect x="{left}" y="{y}" width="{480 * v / longest:.1f}" '
                        f'height="{bar - 6}" fill="{colour}"/>')
            body.append(text(left + 480 * v / longest + 6, y + 16, f"{v / 1000:.2f}"))
            y += bar
        y += 14
    svg(path, 720, y + 10, body)


def main():
    directory = sys.argv[1]
    rows = read(directory)
    table(rows, os.path.join(directory, "table.txt"))
    plot_updates(rows, os.path.join(directory, "memmap.svg"))
    plot_scan(rows, os.path.join(directory, "dirty.svg"))


main()
