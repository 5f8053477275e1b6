"""A class of its own for each test."""

import pytest

from tests.bulk.making import Room


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)
