"""What a person is told when something cannot be done."""

from __future__ import annotations


class Refusal(Exception):
    """Something that cannot be done, in plain words: what is wrong, where, and what to do next.

    The command line prints it and ends with exit code 2; a page shows it as it is. Nothing in it comes from an engine's
    own error text, which quotes rows and so personal data.
    """

    def __init__(self, what: str, where: str = "", next: str = "") -> None:
        super().__init__(what, where, next)
        self.what, self.where, self.next = what, where, next

    def __str__(self) -> str:
        """One message: what, where, what to do next."""
        what = f"{self.where}: {self.what}" if self.where else self.what
        return f"{what.rstrip('.')}. {self.next}".strip()
