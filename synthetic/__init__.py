"""Write a made-up population of two regions as OMOP tables, with the truth behind its records kept apart."""
