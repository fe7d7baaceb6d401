"""The fake course of the tests of grading."""

from tests.grade.conftest import course, failing_helpers, trusted

__all__ = ["course", "failing_helpers", "trusted"]
