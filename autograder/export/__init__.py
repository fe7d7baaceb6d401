"""Grades in the formats of learning platforms."""
