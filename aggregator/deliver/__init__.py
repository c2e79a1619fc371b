"""From a published digest to its readers."""
