"""Lets ``python -m qualcode`` do what ``qualcode`` does."""

from qualcode.cli import main

if __name__ == "__main__":
    main()
