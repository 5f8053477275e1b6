# The kernel dies while the grader is reading what it says, again and again.
# %% q1
import os, sys, time
kernel = get_ipython().kernel
def flood():
    for number in range(3000):
        kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x"}, parent=kernel.get_parent(), ident=b"stream.stdout")
def double(x):
    flood()
    os._exit(1)
# %% q1
flood()
os._exit(1)
