"""class.html: which beliefs a class holds and where, how its points are spread, and how its exercises did."""
from __future__ import annotations

import statistics
from collections.abc import Sequence
from html import escape

from ..exercises import MISCONCEPTIONS, Unit
from ..exercises.page import head, page
from ..exercises.verdict import inline
from .items import Item, held, items, to_reteach
from .marked import Marked

BINS = 10
WIDTH, HEIGHT, LEFT, BELOW = 640, 220, 40, 44  # of the histogram, in px
HARD, EASY, WEAK = 0.3, 0.9, 0.2  # difficulty and discrimination worth a word


def class_page(marked: Sequence[Marked]) -> str:
    """One page for the whole class; it names no student."""
    units = {each.unit.id: each.unit for each in marked}
    body = "\n".join(_unit(unit, [each for each in marked if each.unit.id == id]) for id, unit in sorted(units.items()))
    return page("The class", body or "<p>No notebook was graded.</p>")


def _unit(unit: Unit, marked: Sequence[Marked]) -> str:
    graded = [each for each in marked if not each.problem]
    lost = len(marked) - len(graded)
    awaiting = sum(bool(each.awaiting) for each in graded)
    said = f"{len(graded)} notebooks graded" + (f" ({awaiting} await points of yours)" if awaiting else "")
    said += f", {lost} could not be" if lost else ""
    title = f"<h2>Unit {escape(unit.id)} · {escape(unit.title)}</h2><p class='soft'>{said}.</p>"
    parts = (reteach(unit, graded), heat_map(unit, graded), histogram(unit, graded), item_table(items(unit, graded)))
    return "\n".join((title, *parts))


def reteach(unit: Unit, marked: Sequence[Marked]) -> str:
    """The beliefs to speak about first."""
    found = to_reteach(unit, marked)
    if not found:
        return "<h3>To reteach first</h3><p>No wrong answer follows from a belief that is known.</p>"
    lines = ""
    for belief, students, where in found:
        one = MISCONCEPTIONS[belief]
        who = f"{students} student{'s' * (students != 1)}, in {', '.join(where)}"
        lines += (
            f"<li><b>{belief}</b> {escape(one.belief)} <span class='soft'>({escape(who)})</span><br>Ask: "
            f"{escape(one.question)}<br>Show: {inline(f'`{one.line}`')}</li>\n"
        )
    return f"<h3>To reteach first</h3><ol>{lines}</ol>"


def heat_map(unit: Unit, marked: Sequence[Marked]) -> str:
    """Belief by exercise: how many students; the darker a cell, the more of the class."""
    counts = held(unit, marked)
    beliefs = [each for each in MISCONCEPTIONS if any(belief == each for belief, _ in counts)]
    if not beliefs:
        return ""
    rows = ""
    for belief in beliefs:
        cells = "".join(_warm(counts.get((belief, each.id), 0), len(marked)) for each in unit)
        rows += f'<tr><th scope="row"><b>{belief}</b></th>{cells}</tr>\n'
    legend = "".join(f"<li><b>{each}</b> {escape(MISCONCEPTIONS[each].belief)}</li>" for each in beliefs)
    caption = f"Of {len(marked)} students, those whose wrong answer follows from a belief. More colour, more students."
    return (
        f"<h3>Beliefs and exercises</h3><div class='wide'><table class='heat'><caption>{caption}</caption>"
        f"{head('belief', *(each.id for each in unit))}<tbody>{rows}</tbody></table></div>"
        f"<ul class='legend'>{legend}</ul>"
    )


def _warm(count: int, of: int) -> str:
    if not count:
        return "<td></td>"
    return f'<td style="background: rgba(var(--heat), {0.15 + 0.6 * count / of:.2f})">{count}</td>'


def histogram(unit: Unit, marked: Sequence[Marked]) -> str:
    """How the points are spread, with the same in words."""
    points, most = sorted(each.score for each in marked), len(unit.exercises) if unit.quiet else unit.points
    if not points:
        return ""
    what = "right answers" if unit.quiet else "points"
    words = f"Lowest {points[0]:g}, median {statistics.median(points):g}, highest {points[-1]:g} of {most} {what}."
    counts, edges = spread(points, most), [f"{most * i / BINS:g}" for i in range(BINS + 1)]
    bins = ", ".join(f"{low} to {high}: {n}" for low, high, n in zip(edges, edges[1:], counts, strict=False))
    return (
        f"<h3>{what.capitalize()}</h3>"
        f"<figure><svg viewBox='0 0 {WIDTH + 12} {HEIGHT}' role='img' "
        f"aria-label='Students by points. {bins}.'>{_bars(counts, edges)}</svg>"
        f"<figcaption>{words}</figcaption></figure>"
    )


def _bars(counts: Sequence[int], edges: Sequence[str]) -> str:
    """The inside of the picture: bars with their counts, and the axis."""
    step, floor = (WIDTH - LEFT) / BINS, HEIGHT - BELOW
    parts = [_text(LEFT + i * step, floor + 16, edge) for i, edge in enumerate(edges)]
    for i, count in enumerate(counts):
        x, high = LEFT + i * step, count * (floor - 16) / max(counts)
        box = f'x="{x + 2:.1f}" y="{floor - high:.1f}" width="{step - 4:.1f}" height="{high:.1f}"'
        parts += [f'<rect class="bar" {box}/>', _text(x + step / 2, floor - high - 4, f"{count}")] if count else []
    axis = f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{floor}" y2="{floor}"/>'
    turned = f'transform="rotate(-90 14 {floor / 2})" text-anchor="middle"'
    upright = f'<text x="14" y="{floor / 2}" {turned}>students</text>'
    return "".join((*parts, axis, upright, _text((LEFT + WIDTH) / 2, HEIGHT - 8, "points")))


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'


def spread(points: Sequence[float], most: float) -> list[int]:
    """How many have points in each tenth of the scale; an edge belongs to the tenth above, full marks to the last."""
    counts = [0] * BINS
    for each in points:
        # Compared, not divided: 0.3 / 0.1 is less than 3.
        counts[max(i for i in range(BINS) if i == 0 or each * BINS >= most * i)] += 1
    return counts


def item_table(found: Sequence[Item]) -> str:
    """Difficulty and discrimination of every exercise, with a word where one is worth a look."""
    rows = ""
    for each in found:
        numbers = "".join(f"<td>{_number(value)}</td>" for value in (each.difficulty, each.discrimination))
        name = f'<th scope="row">{escape(each.exercise)} {escape(each.title)}</th>'
        rest = f'<td>{each.not_tried}</td><td class="note">{word(each)}</td>'
        rows += f"<tr>{name}<td>{each.students}</td>{numbers}{rest}</tr>\n"
    heads = ("exercise", "students", "difficulty p", "discrimination", "not tried", "")
    caption = (
        f"Difficulty p is the mean share of the points: below {HARD} is hard, above {EASY} easy. Discrimination is the "
        f"correlation with the points in all other exercises: below {WEAK}, the exercise does not tell strong students "
        "from weak ones. Both are of the class as it is: in a small class a few students decide."
    )
    return (
        f"<h3>Exercises</h3><div class='wide'><table><caption>{caption}</caption>{head(*heads)}"
        f"<tbody>{rows}</tbody></table></div>"
    )


def word(item: Item) -> str:
    """What is worth a look about one exercise."""
    if item.awaiting or not item.students:  # those who left it alone have 0 points before anybody has been read
        return f"{item.awaiting or ''} awaiting a reader".strip()
    words = []
    if item.difficulty is not None and item.difficulty < HARD:
        words.append("hard")
    if item.difficulty is not None and item.difficulty > EASY:
        words.append("easy")
    if item.discrimination is not None and item.discrimination < WEAK:
        words.append("strong students miss it" if item.discrimination < -WEAK else "tells little")
    return ", ".join(words)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
