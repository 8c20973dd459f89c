"""A koan as text and tree: what it is made of, where it stands, what is wrong with it. Pure."""
