"""Contact between meetings: what happened elsewhere, light-touch updates, and answers by mail."""
