# 10^6 messages, each of its own.
# %% q1
send, parent = get_ipython().kernel.session.send, get_ipython().kernel.get_parent()
line = get_ipython().kernel.iopub_socket
for number in range(1_000_000):
    send(line, "stream", {"name": "stdout", "text": "x"}, parent=parent, ident=b"s")
# %% q1
def double(x):
    return x
