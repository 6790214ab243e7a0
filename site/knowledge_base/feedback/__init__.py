"""What readers say is wrong, and what is overdue, for those who look after pages."""
