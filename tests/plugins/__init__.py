"""Plugins: found, checked, frozen, and unable to hurt."""
