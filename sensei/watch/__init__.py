"""The path shown again at every save: `pytest --watch`."""
