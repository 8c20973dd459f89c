"""An author's tools: what must hold of the koans, and how a learner will see them."""
