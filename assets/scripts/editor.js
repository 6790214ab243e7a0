/** The editor, nicer. Without it the text field works as well. */
