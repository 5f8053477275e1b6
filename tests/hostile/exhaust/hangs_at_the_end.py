# Whatever runs when a process ends is made to hang.
# %% q1
import atexit, signal, threading, time
def hang(*_):
    end = time.time() + 120
    while time.time() < end:
        try:
            time.sleep(1)
        except BaseException:
            pass
atexit.register(hang)
threading.Thread(target=hang, daemon=False).start()
signal.signal(signal.SIGTERM, hang)
get_ipython().kernel.do_shutdown = hang
get_ipython().kernel.shutdown_request = hang
def double(x):
    return x
