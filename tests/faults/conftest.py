"""The fake course of the tests of grading."""

from tests.grade.conftest import course, trusted

__all__ = ["course", "trusted"]
