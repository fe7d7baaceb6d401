"""Feedback pages, in which nothing of a learner's is run."""
