"""Keeps submissions and results."""

from autograder.store.base import Store
from autograder.store.folder import FolderStore
from autograder.store.heartbeat import Heartbeat, keep_lease
from autograder.store.memory import MemoryStore
from autograder.store.opening import open_folder_store, open_sql_store
from autograder.store.record import Artifact, Change, Grading, Regrade, StoreSize, Swept

__all__ = [
    "Artifact",
    "Change",
    "FolderStore",
    "Grading",
    "Heartbeat",
    "MemoryStore",
    "Regrade",
    "Store",
    "StoreSize",
    "Swept",
    "keep_lease",
    "open_folder_store",
    "open_sql_store",
]
