"""Curbside: mentorship for emergency-medicine interest groups."""
