"""The pages: what readers and maintainers see in a browser."""
