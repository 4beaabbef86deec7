"""Secrets by reference: a profile names where a secret is, never what it is."""

from core.secrets.reference import SecretRef
from core.secrets.stores import read_secret, write_secret

__all__ = ["SecretRef", "read_secret", "write_secret"]
