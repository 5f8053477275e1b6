"""Builds what students get, and the hidden bundle, from a master notebook."""

from autograder.assign.draft import find_master
from autograder.assign.master_result import check_master_result
from autograder.assign.publish import is_published, publish_release, publish_variant
from autograder.assign.release import Release, build_release
from autograder.assign.variant_release import VariantBuilder, hash_release

__all__ = [
    "Release",
    "VariantBuilder",
    "build_release",
    "check_master_result",
    "find_master",
    "hash_release",
    "is_published",
    "publish_release",
    "publish_variant",
]
