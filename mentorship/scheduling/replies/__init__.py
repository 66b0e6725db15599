"""Answers that come back by mail: from a calendar program, or typed."""
