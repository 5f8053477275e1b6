# The student notebook as it was handed out; its base is that, not the solution.
