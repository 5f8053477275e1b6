"""Builds what students get, and the hidden bundle, from a master notebook."""

from autograder.assign.draft import find_master
from autograder.assign.master_result import check_master_result
from autograder.assign.publish import publish_release
from autograder.assign.release import Release, build_release

__all__ = ["Release", "build_release", "check_master_result", "find_master", "publish_release"]
