"""A made-up borough and its landlord, at any size: what a landlord really has, its mess, and the truth about it."""

from placemaker.demo.make import make

__all__ = ["make"]
