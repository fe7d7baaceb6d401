"""nbgrader's gradebook: where it is, what is kept in it, and how nbgrader's own commands find ours."""
