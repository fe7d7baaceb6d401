"""What came out against what was expected: right numbers in right places, of the public cases only."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from autograder.grade.feedback.sanitize import safe_html
from autograder.grade.judge.diff import difference_as_html

rng = np.random.default_rng(7)
MATRIX = rng.normal(size=(3, 4)).round(3)
LARGE = rng.normal(size=(20, 30))


def shown(wanted: np.ndarray, got: np.ndarray, says: tuple[str, ...] = ()) -> BeautifulSoup:
    """Return what is shown of a result of one part, as it is on a page."""
    spec = {"cases": [{"label": "a <b>", "expected": {"out": wanted}}], "rtol": 1e-4, "atol": 1e-5}
    html = difference_as_html(spec, [{"out": got}], {"out": False}, says)
    assert "\n" not in html
    return BeautifulSoup(safe_html(html), "html.parser")


def rows(table) -> list[list[str]]:
    """Return the texts of a table's cells, without the numbers of its rows and columns."""
    found = [[cell.get_text() for cell in row.find_all("td")] for row in table.find_all("tr")]
    return [row for row in found if row]


def changed(array: np.ndarray, place: tuple[int, ...], value: float) -> np.ndarray:
    """Return a copy with one other number."""
    array = array.copy()
    array[place] = value
    return array


def test_a_small_matrix_is_shown_twice_and_what_is_wrong_has_a_sign():
    page = shown(MATRIX, changed(MATRIX, (1, 2), 9.5))
    expected, got = map(rows, page.find_all("table"))
    assert [[float(text) for text in row] for row in expected] == MATRIX.round(2).tolist()
    marked = [(i, j) for i, row in enumerate(got) for j, text in enumerate(row) if "✗" in text]
    assert marked == [(1, 2)] and got[1][2] == "✗ 9.50"
    assert "1 of 12 numbers differ" in page.get_text() and "a <b>" in page.get_text()


def test_the_matrix_with_the_first_wrong_number_is_chosen():
    stack = rng.normal(size=(2, 3, 2, 2)).round(2)
    wrong = changed(changed(stack, (1, 0, 1, 1), 7.0), (1, 2, 0, 0), 8.0)
    page = shown(stack, wrong)
    assert "out[1, 0]" in page.get_text() and "1 of 4 numbers differ, and 1 elsewhere" in page.get_text()
    assert rows(page.find_all("table")[1])[1][1] == "✗ 7.00"


@pytest.mark.parametrize("step", [1e-2, 1e-3, 2e-4])
def test_there_are_enough_digits_to_see_the_difference(step):
    page = shown(MATRIX, MATRIX + step * np.abs(MATRIX) + 2e-4)
    expected, got = (sum(rows(table), []) for table in page.find_all("table"))
    assert all(f"✗ {a}" != b for a, b in zip(expected, got, strict=True))


def test_of_a_long_row_the_neighbours_of_the_first_wrong_number_are_shown():
    row = np.arange(300.0)
    page = shown(row, changed(row, (150,), -1.0))
    expected, got = rows(page.table)
    assert len(expected) == len(got) == 8
    assert got[expected.index("150.0")] == "✗ -1.0"
    assert [th.get_text() for th in page.table.find_all("th")][1:9] == [str(n) for n in range(146, 154)]


def test_lists_of_other_lengths_stand_below_each_other():
    page = shown(np.array([5, 3, 2]), np.array([5, 3, 2, 2]))
    assert rows(page.table) == [["5", "3", "2", "–"], ["5", "3", "2", "✗ 2"]]


def test_lengths_that_were_told_are_not_told_again():
    says = ("out has shape (4,); expected (3,). Some advice.",)
    page = shown(np.array([5, 3, 2]), np.array([5, 3, 2, 2]), says)
    assert page.table and "has shape" not in page.get_text()


def test_of_another_shape_both_shapes_are_told_unless_they_were():
    sentence = "out has shape (4, 3); expected (3, 4)."
    assert sentence in shown(MATRIX, MATRIX.T).get_text() and not shown(MATRIX, MATRIX.T).table
    assert shown(MATRIX, MATRIX.T, (sentence + " Some advice.",)).get_text() == ""


def test_what_is_no_number_is_shown():
    page = shown(MATRIX, changed(changed(MATRIX, (0, 0), np.nan), (2, 3), -np.inf))
    got = rows(page.find_all("table")[1])
    assert (got[0][0], got[2][3]) == ("✗ nan", "✗ -inf")


@pytest.mark.parametrize("got", [MATRIX + 1j, MATRIX], ids=["complex", "right"])
def test_nothing_is_shown_where_there_is_nothing_to_see(got):
    assert shown(MATRIX, got).get_text() == ""


def test_an_extra_axis_of_length_one_does_not_hide_the_numbers():
    assert len(shown(MATRIX, (MATRIX + 1)[None]).find_all("table")) == 2


def pixels(page: BeautifulSoup) -> np.ndarray:
    """Return the picture of a heat map as places in its palette."""
    data = base64.b64decode(page.img["src"].removeprefix("data:image/png;base64,"))
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (int(page.img["width"]), int(page.img["height"]))
        assert (image.format, image.mode, len(image.getpalette())) == ("PNG", "P", 3 * 256)
        return np.asarray(image)


def test_a_large_matrix_is_a_picture_that_is_darkest_where_it_is_worst():
    got = changed(changed(LARGE, (4, 5), LARGE[4, 5] + 0.5), (15, 29), LARGE[15, 29] + 2.0)
    page = shown(LARGE, got)
    assert "The largest difference is in row 15, column 29" in page.get_text() and not page.table
    picture = pixels(page)[1:-1, 1:-1]
    blocks = picture.reshape(20, picture.shape[0] // 20, 30, picture.shape[1] // 30).max(axis=(1, 3))
    assert {tuple(place) for place in np.argwhere(blocks > 2).tolist()} == {(4, 5), (15, 29)}
    assert blocks[15, 29] == 255 > blocks[4, 5]


def test_a_number_that_is_none_is_black_and_comes_first():
    page = shown(LARGE, changed(LARGE + 1.0, (3, 3), np.nan))
    assert "row 3, column 3: expected" in page.get_text() and "got nan" in page.get_text()
    assert (pixels(page) == 2).any() and "black is NaN or infinite" in page.get_text()


def test_a_very_large_matrix_stays_small():
    wanted = rng.normal(size=(700, 900))
    page = shown(wanted, wanted + rng.normal(size=wanted.shape))
    assert len(str(page)) < 20_000 and pixels(page).shape <= (260, 390)


def test_one_wrong_number_of_very_many_is_still_seen():
    wanted = np.zeros((700, 900))
    assert (pixels(shown(wanted, changed(wanted, (333, 444), 1.0))) == 255).sum() >= 4


def test_only_two_of_many_parts_are_shown():
    wanted = {name: MATRIX for name in "abcd"}
    spec = {"cases": [{"label": "x", "expected": wanted}], "rtol": 1e-4, "atol": 1e-5}
    text = difference_as_html(
        spec, [{name: MATRIX + 1 for name in "abcd"}], {"a": True, "b": False, "c": False, "d": False}
    )
    assert text.count("<table>") == 4 and "<code>a</code>" not in text
    assert "Other parts of the result differ too: 1." in text


def test_a_case_that_stopped_is_passed_over():
    case = {"label": "x", "expected": {"out": MATRIX}}
    spec = {"cases": [case, {**case, "label": "y"}], "rtol": 1e-4, "atol": 1e-5}
    text = difference_as_html(spec, [{"raises": ["ValueError"], "text": ""}, {"out": MATRIX + 1}], {"out": False})
    assert "“y”" in text


KINDS = st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_, np.complex128])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12)


@given(KINDS.flatmap(lambda kind: arrays.arrays(kind, SHAPES)), arrays.arrays(np.float64, SHAPES))
@settings(max_examples=150)
def test_whatever_comes_out_can_be_shown(got, wanted):
    with np.errstate(all="ignore"):
        for one in (got, np.resize(got, wanted.shape) if got.size else got):
            assert len(str(shown(wanted, one))) < 40_000
