"""The names of the columns in lists of a class, in the languages of learning platforms, from one table.

Each is turned into the English name that the rest of the package looks for. Moodle's are those of its language packs
(`moodle.php` and `mod_assign.php`: firstname, lastname, fullname, idnumber, email, username, recordid,
lastmodifiedsubmission), in the forms of several years: https://download.moodle.org/langpack/
A language that is missing needs no change here: whoever renames the columns, or names one with `--id-column`, is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LANGUAGES = {
    "German": {
        "student number": ("matrikelnummer", "matrikel-nr", "matrikelnr", "matr.-nr"),
        "id number": ("id-nummer", "personalnummer"),
        "username": ("anmeldename", "benutzername", "nutzername", "kennung", "benutzerkennung"),
        "full name": ("vollständiger name", "vor- und nachname"),
        "first name": ("vorname", "rufname"),
        "last name": ("nachname", "familienname", "zuname"),
        "email address": ("e-mail-adresse", "mailadresse", "e-mailadresse", "mail"),
        "group": ("gruppe", "gruppen"),
        "last modified (submission)": ("zuletzt geändert (abgabe)",),
    },
    "French": {
        "student number": ("numéro d'étudiant", "numéro étudiant", "n° étudiant", "matricule"),
        "id number": ("numéro d'identification",),
        "username": ("nom d'utilisateur", "login"),
        "full name": ("nom complet", "nom et prénom", "nom/prénom"),
        "first name": ("prénom", "prénom(s)"),
        "last name": ("nom de famille",),
        "name": ("nom",),
        "email address": ("adresse de courriel", "adresse électronique", "courriel", "adresse e-mail", "mél"),
        "identifier": ("identifiant",),
        "group": ("groupe", "groupes"),
        "last modified (submission)": ("dernière modification (travail remis)",),
    },
    "Spanish": {
        "student number": ("número de matrícula", "matrícula", "nº de matrícula", "número de estudiante"),
        "id number": ("número de id", "número de identificación"),
        "username": ("nombre de usuario", "usuario"),
        "full name": ("nombre completo", "nombre y apellidos", "apellidos y nombre"),
        "last name": ("apellido(s)", "apellidos", "apellido"),
        "name": ("nombre", "nombre(s)"),
        "email address": ("dirección de correo", "dirección email", "correo electrónico", "correo"),
        "identifier": ("identificador",),
        "group": ("grupo", "grupos"),
        "last modified (submission)": ("última modificación (entrega)",),
    },
    "Korean": {
        "student number": ("학번", "학생번호", "학생 번호"),
        "id number": ("id 번호", "id번호", "개인식별번호"),
        "username": ("사용자 아이디", "사용자아이디", "아이디", "사용자 이름", "사용자명"),
        "full name": ("성명", "전체 이름", "전체이름"),
        "last name": ("성",),
        "name": ("이름",),
        "email address": ("이메일 주소", "이메일", "이메일주소", "전자메일"),
        "identifier": ("식별자",),
        "group": ("모둠", "그룹"),
        "last modified (submission)": ("최종 수정일 (제출)", "최종 수정 (제출)"),
    },
    "Japanese": {
        "student number": ("学籍番号", "学生番号"),
        "id number": ("idナンバー", "id番号"),
        "username": ("ユーザ名", "ユーザー名", "ログインid"),
        "full name": ("フルネーム", "氏名", "姓名"),
        "first name": ("名",),
        "last name": ("姓",),
        "name": ("名前",),
        "email address": ("メールアドレス", "eメールアドレス"),
        "group": ("グループ",),
        "last modified (submission)": ("最終更新日時 (提出)",),
    },
}
APOSTROPHES = re.compile("[\u2018\u2019\u00b4`]")


def plain_heading(text: str) -> str:
    """Return the name of a column in small letters with single spaces, as it is looked up."""
    same = unicodedata.normalize("NFC", APOSTROPHES.sub("'", text.replace("\ufeff", "")))
    return " ".join(same.split()).lower().removesuffix(":").removesuffix(".")


ENGLISH = {plain_heading(word): name for table in LANGUAGES.values() for name, words in table.items() for word in words}


def english(text: str) -> str:
    """Return the English name of a column; the name itself, in small letters, where no language has it."""
    heading = plain_heading(text)
    return ENGLISH.get(heading, heading)


def by_heading(columns: Iterable[str], cells: Iterable[str]) -> dict[str, str]:
    """Return the cells of a row by the English names of their columns; where two have one, the first that is filled."""
    row: dict[str, str] = {}
    for name, cell in zip(map(english, columns), cells, strict=False):
        row[name] = row.get(name) or cell.strip()
    return row
