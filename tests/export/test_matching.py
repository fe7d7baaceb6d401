"""Whose row is whose: by an id, else by what only one person is called; nobody is guessed."""

from __future__ import annotations

import pytest

from autograder.export.matching import match
from autograder.export.sheet import Sheet

COLUMNS = ["Identifier", "Full name", "ID number", "Email address"]
ROWS = [
    ["Participant 7", "Ada Lovelace", "a1", "ada@example.org"],
    ["Participant 8", "Bob O'Neill", "", "bob@example.org"],
    ["Participant 9", "Bob O'Neill", "", "robert@example.org"],
    ["Participant 10", "Zoë Šimić", "", ""],
    ["Participant 11", "", "", ""],
]


@pytest.mark.parametrize(
    ("student", "row"),
    [
        ("a1", 0),
        ("A1", 0),
        ("Ada_Lovelace", 0),
        ("lovelace ada", 0),
        ("ADA@example.org", 0),
        ("ada", 0),
        ("bob", 1),
        ("Bob_O_Neill_9", 2),
        ("Zoë_Šimić", 3),
        ("zoesimic", None),
        ("7", None),
        ("a", None),
        ("", None),
    ],
)
def test_ids_come_first_and_then_names(student, row):
    found = match([student], Sheet(COLUMNS, ROWS), list(range(len(ROWS))))
    assert found.rows == ({} if row is None else {row: student})
    assert found.missing == ([student] if row is None else [])


@pytest.mark.parametrize(
    "columns",
    [
        ["ID", "Vollständiger Name", "ID-Nummer", "E-Mail-Adresse"],
        ["Identifiant", "Nom complet", "Numéro d'identification", "Adresse de courriel"],
        ["식별자", "성명", "학번", "이메일 주소"],
    ],
    ids=["German", "French", "Korean"],
)
def test_columns_are_known_in_other_languages_too(columns):
    found = match(["a1", "bob", "robert", "Zoë_Šimić"], Sheet(columns, ROWS), list(range(len(ROWS))))
    assert found.rows == {0: "a1", 1: "bob", 2: "robert", 3: "Zoë_Šimić"} and not found.missing


def test_a_name_that_two_people_have_is_nobodys():
    found = match(["Bob_O_Neill"], Sheet(COLUMNS, ROWS), [0, 1, 2, 3])
    assert (found.rows, found.ambiguous) == ({}, ["Bob_O_Neill"])


def test_a_row_that_two_students_fit_is_nobodys():
    found = match(["a1", "Ada_Lovelace", "bob"], Sheet(COLUMNS, ROWS), [0, 1, 2, 3])
    assert found.rows == {1: "bob"} and sorted(found.ambiguous) == ["Ada_Lovelace", "a1"] and found.by_name == ["bob"]


def test_only_rows_of_people_count():
    assert match(["a1"], Sheet(COLUMNS, ROWS), [1, 2]).missing == ["a1"]


def test_whose_id_is_in_no_row_is_found_by_the_e_mail_address_and_told():
    emails = {"0412": "Robert@Example.org ", "0413": "nobody@example.org", "a1": "robert@example.org", "0414": ""}
    found = match(emails, Sheet(COLUMNS, ROWS), list(range(len(ROWS))), emails)
    assert found.rows == {0: "a1", 2: "0412"}
    assert (found.by_email, found.by_name, found.missing) == (["0412"], [], ["0413", "0414"])


def test_an_e_mail_address_of_two_people_or_of_a_row_that_has_another_id_is_nobodys():
    emails = {"0412": "bob@example.org", "0413": "bob@example.org", "a1": "", "0414": "ada@example.org"}
    found = match(emails, Sheet(COLUMNS, ROWS), list(range(len(ROWS))), emails)
    assert (found.rows, found.by_email) == ({}, [])
    assert sorted(found.ambiguous) == ["0412", "0413", "0414", "a1"]
