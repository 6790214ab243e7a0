"""Measure the site beside others that do the same work. Nothing in the site imports this."""
