"""`python -m aggregator` is `five`."""

from aggregator.cli import main

main()
