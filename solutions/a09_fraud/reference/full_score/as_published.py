# The solution of the master, unchanged.
