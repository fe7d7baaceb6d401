"""The experiments of the book: each trains real models and writes the numbers that a page shows."""
