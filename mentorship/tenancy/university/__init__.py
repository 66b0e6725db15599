"""Signing in through a chapter's university, by OpenID Connect."""
