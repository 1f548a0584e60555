"""The housing data standard, executable: read, check, load, publish."""
