"""A certified OpenID provider that others wrote, run by Node on loopback: two issuers of it."""
