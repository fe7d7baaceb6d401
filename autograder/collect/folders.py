"""Whose a file is where no platform says so: the name of a folder, of a repository or of the file itself.

GitHub Classroom clones an assignment into `TITLE-submissions/TITLE-USER/`, a repository for each learner or team:
https://github.com/github/gh-classroom/blob/main/cmd/gh-classroom/clone/student-repos/student-repos.go
https://docs.github.com/en/education/manage-coursework-with-github-classroom

Google Classroom puts all files of an assignment into one folder of Drive. What was made for each learner there is
called `NAME - TITLE`, and what a learner has copied, also from Colab, `Copy of TITLE`, in the language of the
learner; Drive's download adds `(1)` where names are equal. Such a file bears no name of a person, and is listed.
https://support.google.com/edu/classroom/answer/6020293 https://support.google.com/drive/answer/2424368
"""

from __future__ import annotations

import re

from autograder.collect.claim import FOLDERS, LOOSE, REPOSITORIES, Claim

ENDING = re.compile(r"\.(?:ipynb(?:\.txt|\.json)?|json|zip)$", re.IGNORECASE)
COPY = re.compile(
    r"(?:^|\s-\s+)(?:(?:copy of|kopie van|kopie von|copie de|copia de|copia di|cópia de|kopia av)(?:\s+|$))+"
    r"|\s*\(\d+\)|-copy\d*|\s+-\s+(?:copy|kopie|copie|copia|cópia)$|의 사본$|\s*のコピー$",
    re.IGNORECASE,
)
CLONED = re.compile(r"(?P<title>.+)-submissions(?:\.zip)?", re.IGNORECASE)
MOST_OF_IT = 0.5  # the share of a download that a transport must know

Way = tuple[str, ...]


def folder_claim(parts: Way, known: list[str]) -> Claim:
    """Read nbgrader's `STUDENT/ASSIGNMENT/NAME`, or `ASSIGNMENT/STUDENT/NAME`, `STUDENT/NAME`, or a loose `NAME`."""
    slugs = [part for part in parts[:-1] if part in known]
    rest = [part for part in parts[:-1] if part not in known]
    slug = slugs[0] if slugs else ""
    if rest:
        return Claim(FOLDERS, rest[0], "", rest[0], "/".join([*rest[1:], parts[-1]]), slug)
    return Claim(LOOSE, loose_name(parts[-1], known), "", "/".join(parts), parts[-1], slug)


def loose_name(file: str, known: list[str]) -> str:
    """Return the name of a person in the name of a loose notebook: what is left without assignment and ending."""
    stem = COPY.sub("", ENDING.sub("", file).strip())
    for slug in sorted(known, key=len, reverse=True):
        stem = re.sub(re.escape(slug).replace("_", r"[ _\-]+"), " ", stem, flags=re.IGNORECASE)
    return COPY.sub("", stem.strip(" _-–.,")).strip(" _-–.,")


def is_drive_folder(ways: list[Way], known: list[str]) -> bool:
    """Say whether what lies in one folder are files called `NAME - TITLE` of several people, as in Google's Drive."""
    if not ways or len({way[0] for way in ways}) > 1 or any(len(way) != 2 for way in ways):
        return False
    called = [way[1].rsplit(" - ", 1) for way in ways if ENDING.search(way[1])]
    people = {one[0] for one in called if len(one) == 2 and not loose_name(one[1], known)}
    return len(people) > 1 and len(people) >= MOST_OF_IT * len(called)


def repository_title(download: str, whole: list[Way]) -> str:
    """Return what the names of all repositories of a download begin with; empty where it holds none."""
    outer = whole[0][0] if whole and len({way[0] for way in whole}) == 1 else download
    for found in filter(None, map(CLONED.fullmatch, (outer, download))):
        ways = [way[1:] if outer == found[0] and whole[0][0] == outer else way for way in whole]
        tops = {way[0].casefold() for way in ways if len(way) > 1}
        if tops and sum(top.startswith(f"{found['title']}-".casefold()) for top in tops) > MOST_OF_IT * len(tops):
            return found["title"]
    return ""


def repository_claim(parts: Way, title: str, known: list[str]) -> Claim:
    """Read `TITLE-USER/…`, with `TITLE-submissions/` before it or without."""
    parts = parts[1:] if parts[0].casefold() == f"{title}-submissions".casefold() and len(parts) > 1 else parts
    top, begin = parts[0], f"{title}-"
    if len(parts) < 2 or not top.casefold().startswith(begin.casefold()) or len(top) == len(begin):
        return folder_claim(parts, known)
    slug = next((one for one in known if one.replace("_", "-").casefold() == title.casefold()), "")
    return Claim(REPOSITORIES, top[len(begin) :], "", top, "/".join(parts[1:]), slug)
