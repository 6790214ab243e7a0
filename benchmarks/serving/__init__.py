"""Measure the served site, as its readers meet it, beside others. Nothing in the site imports this."""
