"""What a test lets go wrong: STUB_FAULTS is a JSON object from a contender's name to "WHEN:WHAT"."""
import fcntl
import json
import os
import signal
import subprocess
import sys


def fault(when):
    if "--contender" not in sys.argv:
        return None
    name = json.loads(sys.argv[sys.argv.index("--contender") + 1])["contender"]
    wanted, _, what = json.loads(os.environ.get("STUB_FAULTS", "{}")).get(name, "").partition(":")
    return what if wanted == when else None


def strike(when):
    what = fault(when)
    if what == "raise":
        raise RuntimeError("out of luck | twice")
    if what == "die":
        print("the driver's last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGABRT)
    if what == "hang":  # with a process of its own; as long as either lives, the file is locked
        with open(os.environ["STUB_LOCK"], "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(["sleep", "60"], pass_fds=[lock.fileno()])


def loss_error(tf32):
    """How far a loss is off: by a rounding error, or by more."""
    return 1.0 if fault("loss") == "wrong" else 1e-3 if tf32 else 0.0
