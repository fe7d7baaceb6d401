"""Build, check and grade the fill-in notebooks of the attention book."""
