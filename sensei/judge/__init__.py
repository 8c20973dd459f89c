"""Decides where a koan stands, and what there is to say of a wrong fill."""
