"""A small translator from English to French, and NumPy that runs it on given functions: the closing notebook's."""
