# Widgets that a notebook's front end would keep: thousands, with state of megabytes.
# %% q1
kernel = get_ipython().kernel
for number in range(300):
    content = {"comm_id": f"w{number}", "target_name": "jupyter.widget", "data": {"state": {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "outputs": [], "msg_id": "x" * 10**6}, "buffer_paths": []}}
    kernel.session.send(kernel.iopub_socket, "comm_open", content, parent=kernel.get_parent(), ident=b"c", metadata={"version": "2.1.0"})
# %% q1
def double(x):
    return x
