"""Reads what was handed in, however damaged, and puts its text into the trusted release."""
