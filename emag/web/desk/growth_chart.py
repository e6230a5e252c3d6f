"""The chart of how the list grows, in the words of the desk."""

from datetime import date

from emag.press import chart
from emag.press.chart import Point
from emag.web.desk.markup import drawn
from emag.web.desk.report_charts import DrawnChart
from emag.web.desk.shell import Shell
from subscribers.desk import ListGrowth


def growth_chart(shell: Shell, growth: ListGrowth) -> DrawnChart:
    """Active readers by week, and how many came and went."""
    points = [
        Point(_label(shell, monday), week.active, week.gained, max(week.lost, 0))
        for monday, week in growth.weeks.items()
    ]
    weeks = [*growth.weeks.values()]
    gained, lost = sum(week.gained for week in weeks), sum(week.lost for week in weeks)
    sentence = shell.words(
        "readers.growth_sentence",
        first=f"{weeks[0].active - weeks[0].net:,}",
        last=f"{weeks[-1].active:,}",
        weeks=len(weeks),
        gained=f"{gained:,}",
        lost=f"{lost:,}",
    )
    legend = {
        "gained": shell.words("readers.legend_gained", number=f"{gained:,}"),
        "lost": shell.words("readers.legend_lost", number=f"{lost:,}"),
    }
    title = shell.words("readers.chart")
    return DrawnChart(
        sentence, drawn(chart.curve(title, sentence, points, **legend, name="growth"))
    )


def _label(shell: Shell, monday: date) -> str:
    """“2 Mar”: the day, and as much of the month as there is room for."""
    return shell.words.dates.brief(monday)
