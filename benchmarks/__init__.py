"""Measures, one command each; the last line printed is a JSON object of the figures."""
