# SPDX-License-Identifier: MIT
"""CPU per round trip against idle tunnels, drawn as an SVG file."""

import math
from html import escape

import workloads

COLOURS = {"ours": "#c0392b", "baseline": "#8e44ad", "redsocks": "#2471a3",
           "redsocks, splice": "#17a589", "HAProxy": "#7f8c8d"}
PANEL_WIDTH, PANEL_HEIGHT, MARGIN = 300, 300, 60


class Panel:
    """The panel for one number of busy tunnels: idle tunnels to the right,
    microseconds upwards on a logarithmic scale."""

    def __init__(self, left, idle, low, high):
        self.left = left
        self.most_idle = max(idle) or 1
        self.low, self.high = math.log10(low), math.log10(high)

    def x(self, idle):
        return self.left + idle / self.most_idle * PANEL_WIDTH

    def y(self, microseconds):
        share = ((math.log10(microseconds) - self.low)
                 / (self.high - self.low))
        return MARGIN + PANEL_HEIGHT * (1 - share)


def text(x, y, words, anchor="middle", colour="#222", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'fill="{colour}" {more}>{escape(words)}</text>')


def line(x1, y1, x2, y2):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            'stroke="#ddd"/>')


def marks(low, high):
    """1, 2, 5, 10, ... from low to high."""
    found = []
    for exponent in range(-1, 6):
        for digit in (1, 2, 5):
            mark = digit * 10.0 ** exponent
            if low <= mark <= high:
                found.append(mark)
    return found


def axes(panel, title, idle, low, high):
    right, bottom = panel.left + PANEL_WIDTH, MARGIN + PANEL_HEIGHT
    out = [text((panel.left + right) / 2, MARGIN - 14, title,
                more='font-weight="bold"'),
           text((panel.left + right) / 2, bottom + 38, "idle tunnels")]
    for mark in marks(low, high):
        out.append(line(panel.left, panel.y(mark), right, panel.y(mark)))
        out.append(text(panel.left - 6, panel.y(mark) + 4, f"{mark:g}",
                        "end"))
    for count in idle:
        out.append(line(panel.x(count), MARGIN, panel.x(count), bottom))
        out.append(text(panel.x(count), bottom + 18, f"{count:,}"))
    return out


def curve(panel, points, colour):
    path = " ".join(f"{panel.x(idle):.1f},{panel.y(value):.1f}"
                    for idle, value in points)
    dots = "".join(f'<circle cx="{panel.x(idle):.1f}" '
                   f'cy="{panel.y(value):.1f}" r="3" fill="{colour}"/>'
                   for idle, value in points)
    return (f'<polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="2"/>{dots}')


def points_of(results, name, busy, idle):
    found = [(count, results.median(f"round trip {busy.key}/{count}", name))
             for count in idle]
    return [(count, value) for count, value in found if value]


def draw(path, results, names, idle):
    """False when there is nothing to draw."""
    curves = {(busy.key, name): points_of(results, name, busy, idle)
              for busy in workloads.BUSY for name in names}
    values = [value for points in curves.values() for _, value in points]
    if not values:
        return False
    low, high = min(10, min(values)) / 1.1, max(100, max(values)) * 1.1
    step = PANEL_WIDTH + MARGIN + 20
    width = step * len(workloads.BUSY) + MARGIN + 110
    height = PANEL_HEIGHT + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
           f'height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           text(width / 2, 20, "CPU per 64-byte round trip beside idle "
                "tunnels (whole process tree)", more='font-size="15"'),
           text(16, MARGIN + PANEL_HEIGHT / 2, "µs of CPU, log scale",
                more=f'transform="rotate(-90 16 {MARGIN + PANEL_HEIGHT / 2})"')]
    for number, busy in enumerate(workloads.BUSY):
        panel = Panel(MARGIN + 10 + number * step, idle, low, high)
        out += axes(panel, busy.words, idle, low, high)
        for name in names:
            if curves[busy.key, name]:
                out.append(curve(panel, curves[busy.key, name], COLOURS[name]))
    for number, name in enumerate(names):
        y = MARGIN + 20 + 22 * number
        out.append(f'<rect x="{width - 140}" y="{y - 10}" width="14" '
                   f'height="10" fill="{COLOURS[name]}"/>')
        out.append(text(width - 120, y, name, "start"))
    with open(path, "w") as file:
        file.write("\n".join(out + ["</svg>"]) + "\n")
    return True
