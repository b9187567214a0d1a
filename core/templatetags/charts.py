"""Draws `core.charts.BarChart`: an SVG made on the server, its legend, and the same numbers as a table."""

from typing import Any

from django import template

from core import charts

register = template.Library()


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(chart: charts.BarChart, note: str = "") -> dict[str, Any]:
    """The chart without its heading: the card around it has one. `note`: `<li>`s in place of the legend."""
    bottom = charts.HEIGHT - charts.BOTTOM
    return {
        "chart": chart,
        "note": note,
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "tick_x": charts.LEFT - 6,
        "bottom": bottom,
        "label_y": bottom + 14,
        "mark_x": round(chart.x_of(chart.mark.at), 1) if chart.mark else 0,
    }
