"""A synthetic population beside published figures: `python -m synthetic.report --source DIR --out FILE`."""
