"""The ontology of a project: the classes that its objects have, and what else is said about them."""
