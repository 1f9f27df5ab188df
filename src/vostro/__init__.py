"""Vostro: an open, self-hosted engagement engine for retail banks. Read ``loop.py`` first."""

__version__ = "0.1.0"
