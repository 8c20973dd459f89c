"""What a learner reads on the screen, and what programs read of it."""
