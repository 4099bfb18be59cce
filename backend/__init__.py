"""Maskloom's backend: projects, masklets, annotation, review and export over HTTP."""
