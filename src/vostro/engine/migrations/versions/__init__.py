"""Versions 迁移版本: one file for each change of the tables, never edited once released."""
