"""Alembic's scripts, which bring a store from one version to the next."""
