"""Passkeys: keys on a person's own devices that let them in with nothing typed (WebAuthn)."""
