"""Capture 采集: contracts, readers, loading, quality and rejects."""
