"""Compares what came out with the answer key and says what is wrong."""
