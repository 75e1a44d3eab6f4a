"""Draw Snakemake's graph of rules: `snakemake --rulegraph dot | python docs/draw_graph.py OUT`."""

import itertools
import re
import sys

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

WIDTH = 0.82
INK, LINE, FILL = "#1a1a1a", "#8a8a8a", "#eef3f8"


def read_dot(text):
    """Names of the rules, and which rule's results each of them reads."""
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', text))
    reads = {name: set() for name in names.values()}
    for a, b in re.findall(r"(\d+) -> (\d+)", text):
        reads[names[b]].add(names[a])
    return reads


def levels(reads):
    """Longest way from the first rule to each."""
    depth = {}

    def of(name):
        if name not in depth:
            depth[name] = 1 + max((of(n) for n in reads[name]), default=-1)
        return depth[name]

    for name in reads:
        of(name)
    return depth


def only_needed(reads, depth):
    """Arrows that no longer way through the graph already shows."""

    def reaches(start, goal):
        return start == goal or any(reaches(n, goal) for n in reads[start])

    return {
        (a, b)
        for b, sources in reads.items()
        for a in sources
        if not any(reaches(other, a) for other in sources if other != a)
    }


def columns_of(edges, depth):
    """Rules in columns by depth, ordered so that arrows cross little.

    A long arrow gets a place in each column it passes (Sugiyama et al. 1981); rules and
    places are sorted by the mean height of what leads to them.
    """
    columns = [[n for n in depth if depth[n] == d] for d in range(max(depth.values()) + 1)]
    ways = {}
    for a, b in sorted(edges):
        ways[a, b] = [a, *[(a, b, d) for d in range(depth[a] + 1, depth[b])], b]
        for stop in ways[a, b][1:-1]:
            columns[stop[2]].append(stop)
    steps = [pair for way in ways.values() for pair in itertools.pairwise(way)]
    height = {n: i - (len(c) - 1) / 2 for c in columns for i, n in enumerate(c)}
    for column in [*columns[1:], *columns[-2::-1], *columns[1:]] * 4:
        near = {
            n: [height[x] for x, y in steps if y == n] + [height[y] for x, y in steps if x == n]
            for n in column
        }
        column.sort(key=lambda n: sum(near[n]) / max(1, len(near[n])))
        for i, n in enumerate(column):
            height[n] = i - (len(column) - 1) / 2
    return columns, height, ways


def draw(reads):
    """Figure with a box for each rule, results running from left to right."""
    depth = levels(reads)
    columns, height, ways = columns_of(only_needed(reads, depth), depth)
    tallest = max(map(len, columns))
    figure = Figure(figsize=(1.75 * len(columns), 0.75 * tallest))
    axis = figure.add_axes((0, 0, 1, 1))
    for way in ways.values():
        places = [(s[2] if isinstance(s, tuple) else depth[s], height[s]) for s in way]
        places[0] = (places[0][0] + WIDTH / 2, places[0][1])
        places[-1] = (places[-1][0] - WIDTH / 2, places[-1][1])
        axis.plot(*zip(*places[:-1], strict=True), color=LINE, lw=1.2, zorder=0)
        arrow = {"arrowstyle": "-|>", "color": LINE, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
        axis.annotate("", xy=places[-1], xytext=places[-2], arrowprops=arrow)
    for name, x in depth.items():
        corner = (x - WIDTH / 2, height[name] - 0.28)
        axis.add_patch(Rectangle(corner, WIDTH, 0.56, facecolor=FILL, edgecolor=LINE))
        axis.text(x, height[name], name, ha="center", va="center", fontsize=10, color=INK)
    axis.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-tallest / 2, tallest / 2))
    axis.axis("off")
    return figure


if __name__ == "__main__":
    draw(read_dot(sys.stdin.read())).savefig(sys.argv[1], dpi=110)
