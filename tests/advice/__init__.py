"""Advice: each rule is said where its conditions hold, and not beside it."""
