"""Reads, runs and judges one submission, and makes its page, in a process that may die: plain data comes back."""
