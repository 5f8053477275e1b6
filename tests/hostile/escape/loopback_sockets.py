# Listeners of the grader on this machine, by every address it has.
# %% q1
import socket
for host in ("127.0.0.1", "localhost", "0.0.0.0", "::1", "127.1.2.3", socket.gethostname()):
    attempt("tcp " + host, lambda: socket.create_connection((host, targets["tcp"]), 1))
for host in ("127.0.0.1", "0.0.0.0"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        look("udp " + host, lambda: line.sendto(b"x", (host, targets["udp"])))
look("listening", lambda: socket.create_server(("127.0.0.1", 0)))
def double(x):
    return x
