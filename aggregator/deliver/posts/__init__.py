"""Digests on their way to other publications: a blog, a folder, a git checkout, a program."""
