"""Answers over HTTP: a request is checked, a person read, a risk explained, and the answer stored before it is sent."""
