"""The parts of the experiment of chapter 1: the task, the two models, training and measuring."""
