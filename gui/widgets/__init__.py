"""Widgets that every page uses; each knows how it looks, none knows what it is used for."""
