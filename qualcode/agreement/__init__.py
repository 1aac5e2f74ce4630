"""How far coders agree, how sure that number is, and why it is what it is."""
