"""The intranet knowledge base: Markdown pages, search, and sections for signed-in people."""
