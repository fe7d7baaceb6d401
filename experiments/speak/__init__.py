"""A small translator from English to Korean, and NumPy that runs it on given functions: the closing notebook's."""
