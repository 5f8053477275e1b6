# The kernel's own sockets and files are replaced by links, pipes and other sockets.
# %% q1
import glob, os, socket
own = get_ipython().kernel.config["IPKernelApp"]["connection_file"]
folder = os.path.dirname(own)
for path in sorted(glob.glob(folder + "/*")):
    if os.path.isdir(path):
        continue
    def replace():
        os.unlink(path)
        os.symlink(targets["unix"], path)
    look(path, replace)
def double(x):
    return x
# %% q1
import os
os._exit(0)
