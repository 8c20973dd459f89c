"""What autograd recorded in a koan, drawn: `pytest --graph`."""
