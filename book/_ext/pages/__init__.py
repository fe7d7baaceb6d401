"""What this book adds to its pages: cards, formulas, references, which files a page loads."""
