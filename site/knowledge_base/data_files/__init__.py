"""The data files behind forms: one entry at a time, with the file's comments and order kept."""
