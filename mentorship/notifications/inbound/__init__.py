"""Mail that comes back to us: read, and handed to what it is about."""
