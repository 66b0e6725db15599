"""Goals: what a student is working toward, with steps, and who may see it."""
