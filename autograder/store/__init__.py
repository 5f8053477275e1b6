"""Keeps submissions and results."""

from autograder.store.base import Store
from autograder.store.folder import FolderStore
from autograder.store.memory import MemoryStore

__all__ = ["FolderStore", "MemoryStore", "Store"]
