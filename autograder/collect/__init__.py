"""From what a learning platform hands out to nbgrader's folder of submissions."""
