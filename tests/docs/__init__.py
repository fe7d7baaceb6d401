"""The pages for instructors: every command on them is run, every message on them is one that the program prints."""
