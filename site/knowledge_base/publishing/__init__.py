"""A change becomes what readers read: merged, checked, committed and live, or not at all."""
