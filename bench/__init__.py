"""Measurements of the grader: `make bench` or `python -m bench`; each file measures one thing."""
