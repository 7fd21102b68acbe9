"""What a browser may do with our pages: files of this origin, and no HTML that a script writes."""

OWN_FILES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    # No script here writes HTML; none that gets in could either.
    "require-trusted-types-for 'script'",
)
"""Directives of every Content-Security-Policy of ours."""
