"""Settings of all tests: hypothesis tries the same examples everywhere, and keeps no database."""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("same")
