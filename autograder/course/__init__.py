"""What a course is made of: what answer keys share, so that each of them holds its own chapter only."""
