"""What a person asks for, one function each. Thin: rooms meet here, and no rule is made here."""
