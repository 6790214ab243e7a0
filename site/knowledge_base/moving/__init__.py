"""Pages change their place: moved, merged, withdrawn, deleted, brought back, or begun from a template."""
