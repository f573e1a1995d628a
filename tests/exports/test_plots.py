"""Plots: what a person sees is told to one who does not, and what data holds is only ever text in them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.exports.axis import Axis
from dsv.exports.html import page
from dsv.exports.plots import Bin, LabelCount, Series, Spread, histogram, label_bars, lines, sparkline, spreads
from tests.exports.pages import HOSTILE, check_texts

VERSIONS = ["1.0.0", "1.1.0", "2.0.0"]
SEVEN = (1, 5, 30, 70, 110, 140, 150_000)


def every_plot(word):
    """Each kind of plot, with this text wherever one can be."""
    return "\n".join(
        [
            lines(word, [word, word], [Series(word, [1, 2]), Series(word, [None, 3])], number=lambda _: word),
            histogram(word, [Bin(0, 1, 3, 4)], sides=(word, word)),
            label_bars(word, [LabelCount(word, 1, 2)], sides=(word, word)),
            spreads(word, [Spread(word, SEVEN, SEVEN)], sides=(word, word)),
        ]
    )


def test_a_line_tells_its_course_and_has_its_numbers_in_a_table():
    drawn = lines("Records", VERSIONS, [Series("records", [1000, None, 2500])])
    assert "<title>Records</title><desc>records: 1,000 in 1.0.0, 2,500 in 2.0.0, between" in drawn
    assert 'role="img"' in drawn
    assert "<th scope=row>1.1.0</th><td></td>" in drawn
    assert "<th scope=row>2.0.0</th><td>2,500</td>" in drawn


def test_a_line_is_thin_where_a_version_has_no_value():
    drawn = lines("q", list("abcde"), [Series("", [1, 2, None, 3, 4])])
    assert (drawn.count('<polyline class="s0"'), drawn.count('<polyline class="s0 gap"')) == (2, 1)


def test_a_histogram_shows_before_and_after_beside_each_other():
    drawn = histogram("quality_score", [Bin(0, 0.5, 10, 20), Bin(0.5, 1, 30, 0)])
    assert "before 40 values, most of them from 0.5 to 1; after 20 values, most of them from 0 to 0.5" in drawn
    assert drawn.count('<rect class="old"') == drawn.count('<rect class="new"') == 2


def test_a_histogram_of_one_side_has_no_other():
    drawn = histogram("quality_score", [Bin(0, 1, None, 7)])
    assert "old" not in drawn
    assert "<th scope=col>after</th>" in drawn


def test_bars_of_labels_are_a_table_whose_drawings_nobody_needs():
    drawn = label_bars("kind", [LabelCount("ham", 30, 10), LabelCount("spam", 10, 10)])
    assert "<td>30</td><td>75.0 %</td><td>10</td><td>50.0 %</td>" in drawn
    assert drawn.count("<svg") == drawn.count('aria-hidden="true"') == 2


def test_one_far_value_leaves_the_others_their_room():
    drawn = spreads("Lengths", [Spread("text", None, SEVEN)])
    assert "<td>150,000</td>" in drawn
    widths = [float(each) for each in re.findall(r'width="([0-9.]+)%" height="7', drawn)]
    assert widths[0] > 50


@pytest.mark.parametrize(
    "nothing",
    [
        lines("x", VERSIONS, [Series("x", [None, None, None])]),
        histogram("x", []),
        label_bars("x", []),
        spreads("x", [Spread("y", None, None)]),
        sparkline([3]),
    ],
)
def test_without_numbers_there_is_no_plot(nothing):
    assert nothing == ""


@pytest.mark.parametrize("word", HOSTILE)
def test_no_text_of_the_data_is_taken_as_markup(word):
    found = check_texts(page("plots", every_plot(word), style=""))
    assert {"script", "img", "b"}.isdisjoint(found.tags)
    assert not any(name.startswith("on") for name in found.attributes)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_value_has_a_place_on_its_axis(values):
    axis = Axis.of(min(values), max(values), ticks=4)
    assert all(0 <= axis.share(each) <= 1 for each in values)
    assert len(axis.ticks) <= 7
    assert all(math.isfinite(each) for each in axis.ticks)


def test_an_axis_goes_by_round_numbers():
    assert Axis.to(5000, ticks=4).ticks == [0, 2000, 4000, 6000]
    assert Axis.of(0.61, 0.9, ticks=4).ticks == [0.6, 0.7, 0.8, 0.9]
    assert Axis.to(0, ticks=4).ticks[0] == 0


def test_plots_are_the_same_bytes_each_time():
    assert every_plot("x") == every_plot("x")
