"""Makes the autograder's container image, and runs the grader in it.

- build.py: the whole of it: base, packages, ourselves; nothing is made twice
- base.py: a base image from a registry, or bootstrapped from the machine's own packages
- wheelhouse.py: the packages, downloaded outside: no build step has or needs a network
- wheel.py: ourselves as a wheel, from what is installed here
- worker.py: runs a command of ours in a container of the image
"""

from autograder.image.build import BuildOptions, build_image
from autograder.image.worker import InsideOptions, run_inside

__all__ = ["BuildOptions", "InsideOptions", "build_image", "run_inside"]
