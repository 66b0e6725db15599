"""The shapes of what people type about times and meetings."""
