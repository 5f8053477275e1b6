"""`autograder grade` with leases of so many seconds (twenty in earnest): SECONDS ID PATH… OPTIONS."""

import sys

from autograder.bulk import grading
from autograder.cli.main import main

if __name__ == "__main__":
    grading.LEASE_SECONDS = float(sys.argv.pop(1))
    sys.argv.insert(1, "grade")
    main()
