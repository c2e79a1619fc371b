"""Sample feeds served on loopback, for `five demo` and for tests."""
