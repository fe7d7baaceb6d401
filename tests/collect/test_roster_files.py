"""Lists of a class as spreadsheets and platforms write them: other signs, other files, other languages."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from autograder.collect.headings import LANGUAGES, english
from autograder.collect.roster import read_roster
from autograder.errors import UserError

NAMES = ("Ada Lovelace", "Zoë Núñez")


def ids_and_names(path):
    """Return the id of everybody in a list, and the first name that they are known by."""
    return {one.identity: one.names[0] for one in read_roster(path).people}


def workbook(path, rows, formats=None, before=()):
    """Write an .xlsx: empty sheets, then one with these rows; `formats` says how a column shows its numbers."""
    book = Workbook()
    for name in before:
        book.create_sheet(name, 0)
    for row in rows:
        book.worksheets[-1].append(row)
    for column, look in (formats or {}).items():
        for cell in book.worksheets[-1][column]:
            cell.number_format = look
    book.save(path)
    return path


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_line_that_names_the_separator(tmp_path, first, encoding):
    path = tmp_path / "class.csv"
    path.write_bytes(f"{first}\r\nstudent_id;name\r\n007;Ada Lovelace\r\n008;Zoë Núñez\r\n".encode(encoding))
    assert ids_and_names(path) == {"007": NAMES[0], "008": NAMES[1]}


def test_a_separator_that_the_line_names_and_no_other_line_shows(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("sep=|\nstudent_id|name\n1|Lovelace, Ada\n2|Núñez, Zoë\n", encoding="utf-8")
    assert ids_and_names(path) == {"1": "Lovelace, Ada", "2": "Núñez, Zoë"}


@pytest.mark.parametrize("name", ["class.xlsx", "class.csv"])
def test_an_xlsx_whatever_it_is_called(tmp_path, name):
    rows = [("student_id", "name", "group"), ("a1", NAMES[0], 1), ("a2", NAMES[1], None), (None, None, None)]
    assert ids_and_names(workbook(tmp_path / "x.xlsx", rows).rename(tmp_path / name)) == {
        "a1": NAMES[0],
        "a2": NAMES[1],
    }


def test_numbers_of_an_xlsx_are_what_it_shows(tmp_path):
    rows = [("Matrikelnummer", "Name"), (123, NAMES[0]), (1240.0, NAMES[1])]
    shown = workbook(tmp_path / "a.xlsx", rows, {"A": "00000"}, before=["empty"])
    assert set(ids_and_names(shown)) == {"00123", "01240"}
    assert set(ids_and_names(workbook(tmp_path / "b.xlsx", rows))) == {"123", "1240"}


def zip_of(names):
    """Return the bytes of a zip with small files of these names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old or an encrypted Excel file; save it as .xlsx"),
        (zip_of(["content.xml", "mimetype"]), "an OpenDocument sheet; save it as .xlsx"),
        (zip_of(["a.ipynb"]), "a zip, or an .xlsx that is broken; save it as .xlsx"),
        (b"PK\x03\x04" + bytes(500), "a zip, or an .xlsx that is broken; save it as .xlsx"),
        (b"<html><table><tr><td>student_id</td></tr></table></html>", "a web page; save it as .xlsx"),
        (b"%PDF-1.7\n", "a PDF; save it as .xlsx"),
        (zip_of(["xl/workbook.xml", "[Content_Types].xml"]), "a broken .xlsx; save it again"),
    ],
    ids=["old Excel", "OpenDocument", "a zip", "half a zip", "a web page", "a PDF", "half an .xlsx"],
)
def test_files_that_are_no_table(tmp_path, data, sentence):
    (tmp_path / "class.csv").write_bytes(data)
    with pytest.raises(UserError, match=sentence):
        read_roster(tmp_path / "class.csv")


def test_an_xlsx_that_unpacks_to_far_too_much(tmp_path):
    path = workbook(tmp_path / "class.xlsx", [("student_id", "name"), ("a1", NAMES[0])])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/big.xml", "w") as big:
        for _ in range(201):
            big.write(bytes(1 << 20))
    with pytest.raises(UserError, match="unpacks to far more"):
        read_roster(path)


LISTS = {  # the first line, and a row of values for Ada; the id that is to be found
    "German, of an office": ("Matrikelnummer,Nachname,Vorname", "00123,Lovelace,Ada", "00123"),
    "German": ("ID,Vollständiger Name,E-Mail-Adresse,Status", "Teilnehmer/in 11,Ada Lovelace,ada@x.edu,-", "ada@x.edu"),
    "German, with a number": ("Vorname,Nachname,ID-Nummer,E-Mail-Adresse", "Ada,Lovelace,k7,ada@x.edu", "k7"),
    "German, Name and Vorname": ("Name;Vorname;E-Mail", "Lovelace;Ada;ada@x.edu", "ada@x.edu"),
    "French": ("Identifiant,Nom complet,Adresse de courriel", "Participant 11,Ada Lovelace,ada@x.edu", "ada@x.edu"),
    "French, of an office": ("Numéro d’étudiant;Nom;Prénom", "221;Lovelace;Ada", "221"),
    "Spanish": ("Identificador,Nombre completo,Correo electrónico", "Participante 11,Ada Lovelace,a@x.edu", "a@x.edu"),
    "Spanish, of an office": ("Número de matrícula,Apellido(s),Nombre", "M-7,Lovelace,Ada", "M-7"),
    "Korean": ("식별자,성명,이메일 주소", "참가자 11,Ada Lovelace,ada@x.edu", "ada@x.edu"),
    "Korean, of an office": ("학번,이름", "2024001,Ada Lovelace", "2024001"),
    "Korean, in two columns": ("학번,성,이름", "2024001,Lovelace,Ada", "2024001"),
    "Japanese": ("ID,フルネーム,メールアドレス", "参加者11,Ada Lovelace,ada@x.edu", "ada@x.edu"),
    "Japanese, of an office": ("学籍番号,姓,名", "B-9,Lovelace,Ada", "B-9"),
}


@pytest.mark.parametrize(("first", "row", "identity"), LISTS.values(), ids=LISTS)
def test_lists_in_other_languages(tmp_path, first, row, identity):
    path = tmp_path / "class.csv"
    path.write_text(f"{first}\n{row}\n", encoding="utf-8")
    roster = read_roster(path)
    assert [one.identity for one in roster.people] == [identity]
    assert roster.by_name("Ada Lovelace") == roster.by_name("Lovelace, Ada") == roster.people
    assert not roster.by_name("Ada") and not roster.by_name("Lovelace"), "half a name is nobody's"
    if " 11" in row or "者11" in row:
        assert roster.who("Somebody", "Moodle", "11") == roster.people


def test_no_heading_stands_for_two_things():
    for language, table in LANGUAGES.items():
        words = [word for words in table.values() for word in words]
        assert len(words) == len(set(words)), language
        assert all(english(word) == name for name, words in table.items() for word in words), language


def test_ids_that_end_in_a_number_are_no_numbers_of_moodles(tmp_path):
    (tmp_path / "class.csv").write_text("ID,Name\nada1,Ada Lovelace\nzoe2,Zoë Núñez\n", encoding="utf-8")
    assert ids_and_names(tmp_path / "class.csv") == {"ada1": NAMES[0], "zoe2": NAMES[1]}


def test_a_language_that_is_not_known(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("Tunnus,Koko nimi\na1,Ada Lovelace\na2,Zoë Núñez\n", encoding="utf-8")
    with pytest.raises(UserError, match="holds: tunnus, koko nimi.*call them student_id, name and email.*--id-column"):
        read_roster(path)
    assert [one.identity for one in read_roster(path, "Tunnus").people] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tuesday, 5 November 2024, 9:15 AM", (2024, 11, 5)),
        ("05.11.2024 09:15", (2024, 11, 5)),
        ("2024-11-05 09:15", (2024, 11, 5)),
        ("05/11/2024 09:15", None),  # May in the United States
        ("Dienstag, 5. November 2024, 09:15", None),
        ("2024년 11월 5일(화요일) 오전 9:15", None),
    ],
)
def test_times_that_could_be_two_are_not_read_and_that_is_told(tmp_path, text, read):
    path = tmp_path / "class.csv"
    head = "Identifier,Full name,Email address,Last modified (submission)"
    path.write_text(f'{head}\nParticipant 1,Ada Lovelace,ada@x.edu,"{text}"\n', encoding="utf-8")
    roster = read_roster(path)
    time = roster.people[0].handed_in
    assert (time and time.astimezone().timetuple()[:3]) == read
    assert ("times could not be read; set Moodle to English" in roster.told) is (read is None)
