"""Lets `python -m autograder` stand for the `autograder` command."""

from autograder.cli.main import main

if __name__ == "__main__":
    main()
