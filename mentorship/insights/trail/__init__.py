"""The trail, to be read: by the advisor, and by whoever it is about."""
