# The check cell is repeated, and the answer changes between checks and while it is being checked.
# %% q1
count = 0
def double(x):
    global count, double
    count += 1
    double = [lambda x: 5.0, lambda x: [0, 1, 3], lambda x: x][count % 3]
    return double(x)
# %% q1
grader.check("q1")
# %% q1
double = lambda x: 5.0
grader.check("q1")
grader.check("q1")
# %% q1
double = lambda x: None
grader.check_all()
# %% q1
double = "deleted"
