"""``python -m vostro`` is the command ``vostro``."""

from vostro.cli import main

main()
