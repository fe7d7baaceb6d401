"""Errors that are shown to the person at the keyboard as one sentence."""

from __future__ import annotations


class UserError(Exception):
    """Something the person can mend; the text says what to do. Shown without a traceback."""
