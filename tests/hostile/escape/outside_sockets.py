# The world outside: addresses, names, web pages, the metadata service of a cloud.
# %% q1
import socket, urllib.request
for host, port in (("1.1.1.1", 53), ("8.8.8.8", 443), ("169.254.169.254", 80), ("10.0.0.1", 22), ("172.17.0.1", 2375), ("192.168.0.1", 80)):
    attempt(host, lambda: socket.create_connection((host, port), 1))
attempt("a name", lambda: socket.getaddrinfo("example.com", 80))
attempt("a page", lambda: urllib.request.urlopen("http://93.184.215.14/", timeout=1).read(10))
def double(x):
    return x
