"""From a feature table to a registered challenger with its evidence."""
