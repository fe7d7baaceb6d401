"""What a course is: its chapters, answer keys, settings and dates. Nothing here is a learner's."""
