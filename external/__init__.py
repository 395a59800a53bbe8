"""Records that we did not write: every set of ../shared/data, read, counted and scored, good or bad.

For those who work in the repository; not in the wheel. `python -m external` writes docs/external/.
"""
