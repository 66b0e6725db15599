"""The shapes of what people type about themselves and about a chapter's roster."""
