"""What a class understands and what it does not, as one page."""
