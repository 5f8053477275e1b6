"""What is imported once per grader: one ancestor, which the warm processes are forks of."""
