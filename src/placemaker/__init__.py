"""Placemaker: the open place system for UK social landlords."""
