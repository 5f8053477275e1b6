"""Rules for what differs between a student's machine and the one that grades.

Files and paths, Colab, modules, network, keyboard, memory.
"""

from __future__ import annotations

from autograder.grade.hints.rule import Rule

FILE_ERRORS = ("FileNotFoundError", "NotADirectoryError", "OSError", "ValueError")
MODULE_ERRORS = ("ModuleNotFoundError", "ImportError")
PACKAGES = {
    "cv2": "opencv-python",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
}
RELATIVE = (
    "Use the files that come with the assignment, by a path relative to the notebook, "
    "such as 'train.npz'."
)
WINDOWS = "`{path}` is a Windows path: it exists only on your computer."
NO_MODULE = "The module `{module}` (pip package `{package}`) is not installed where grading runs."
OTHER_MODULE = (
    "Solve the task with the modules that the assignment imports; "
    "`!pip install` cannot help, because grading has no network."
)
NO_FILE = "The file `{path}` does not exist where grading runs."
NO_NETWORK = "Your code tried to reach the network, and grading has none."
COLAB = "This call works only in Colab: {call}"
NO_COLAB = "The module `{module}` exists only in Colab."
LEAVE_COLAB = "Remove the Colab lines from the cell. " + RELATIVE

RULES = (
    Rule(
        "A Windows path makes Python read `\\U` as a special character, so the whole cell is lost.",
        RELATIVE,
        names=("SyntaxError",),
        text=r"unicodeescape",
    ),
    Rule(WINDOWS, RELATIVE, names=FILE_ERRORS, text=r"(?P<path>\b[A-Za-z]:\\[^'\"]*)"),
    Rule(WINDOWS, RELATIVE, names=FILE_ERRORS, text=r"(?P<path>\b[A-Za-z]:/[^/'\"][^'\"]*)"),
    Rule(COLAB, RELATIVE, text=r"^(?P<call>\S+(?: \S+)?) works only in Colab"),
    Rule(
        "`{path}` is a Colab path: it does not exist where grading runs.",
        RELATIVE,
        text=r"(?P<path>(?<![\w.])/content\b[^'\"\s,]*)",
    ),
    Rule(NO_COLAB, LEAVE_COLAB, names=MODULE_ERRORS, text=r"'(?P<module>google\.colab[\w.]*)'"),
    *(
        Rule(
            NO_MODULE,
            OTHER_MODULE,
            names=MODULE_ERRORS,
            text=rf"^No module named '(?P<module>{module})'",
            places={"package": package},
        )
        for module, package in PACKAGES.items()
    ),
    Rule(
        NO_MODULE,
        OTHER_MODULE,
        names=("ModuleNotFoundError",),
        text=r"^No module named '(?P<module>(?P<package>\w+))'",
    ),
    Rule(
        "The module `{module}` does not exist in the installed version.",
        "Look up the present name of what you import, and import that.",
        names=("ModuleNotFoundError",),
        text=r"^No module named '(?P<module>[\w.]+)'",
    ),
    Rule(
        "`{name}` cannot be imported from `{module}`: the installed version does not have it.",
        "Look up the present name of what you import, and import that.",
        names=("ImportError",),
        text=r"^cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
    ),
    Rule(
        NO_NETWORK,
        "Use the data that comes with the assignment instead of downloading it.",
        text=(
            r"URL fetch failure|urlopen error|Name or service not known|Max retries exceeded"
            r"|[Nn]ame resolution|Network is unreachable|nodename nor servname"
        ),
    ),
    Rule(
        NO_FILE,
        RELATIVE,
        names=FILE_ERRORS,
        text=(r"(?:No such file or directory: |name = |Not a directory: )'(?P<path>[^']+)'"),
    ),
    Rule(
        NO_FILE,
        RELATIVE,
        names=FILE_ERRORS,
        text=r"File not found: filepath=(?P<path>\S+?)\.? ",
    ),
    Rule(
        "Your code asks for a GPU, and there is none where grading runs.",
        "Let your code run on the CPU as well: use a GPU only inside `if gpus:`.",
        names=("IndexError", "SystemError", "RuntimeError", "AssertionError", "ValueError"),
        source=r"list_physical_devices|gpu_device_name|set_memory_growth|is_gpu_available",
    ),
    Rule(
        "Your code opens a window to draw in, and there is no screen where grading runs.",
        "Remove the line `matplotlib.use(…)`; pictures are drawn into the notebook.",
        text=r"Cannot load backend",
    ),
    Rule(
        "Your code waits for input from the keyboard, and nobody types while grading runs.",
        "Write the value into the code instead of calling `input()`.",
        text=r"does not support input requests|EOF when reading a line",
    ),
    Rule(
        "Your code needs more memory than there is.",
        "Use smaller arrays, a smaller batch size or a smaller model, and keep image data as uint8 "
        "until you need it.",
        names=("MemoryError", "ResourceExhaustedError"),
    ),
    Rule(
        "Your code needs more memory than there is.",
        "Use smaller arrays, a smaller batch size or a smaller model, and keep image data as uint8 "
        "until you need it.",
        text=r"OOM when allocating|Unable to allocate .* for an array",
    ),
    Rule(
        "Your code writes far more output than a notebook can hold, and was stopped.",
        "Remove `print` and `display` from loops, and shorten the text of your exceptions.",
        names=("TooMuchOutput",),
    ),
    Rule(
        "Your code ends the program by itself.",
        "Remove `exit()`, `quit()` and `sys.exit()`.",
        names=("SystemExit",),
    ),
)
