"""The matching engine against what a chapter could use instead, on the same pairs and scores."""
