# Sockets that speak to the machine's own kernel, its hardware or its host.
# %% q1
import socket
families = {"raw": (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), "packet": (socket.AF_PACKET, socket.SOCK_RAW, 768), "netlink audit": (socket.AF_NETLINK, socket.SOCK_RAW, 9),
            "netfilter": (socket.AF_NETLINK, socket.SOCK_RAW, 12), "kobject": (socket.AF_NETLINK, socket.SOCK_DGRAM, 15), "vsock": (40, socket.SOCK_STREAM, 0), "alg": (38, socket.SOCK_SEQPACKET, 0),
            "bluetooth": (31, socket.SOCK_RAW, 1), "can": (29, socket.SOCK_RAW, 1), "tipc": (30, socket.SOCK_RDM, 0), "xdp": (44, socket.SOCK_RAW, 0), "rds": (21, socket.SOCK_SEQPACKET, 0), "sctp": (socket.AF_INET, socket.SOCK_STREAM, 132)}
for name, form in families.items():
    attempt(name, lambda: socket.socket(*form))
def double(x):
    return x
