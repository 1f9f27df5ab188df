"""Commands 命令: what a person types after ``vostro``, one file a subject; the command line only joins them."""
