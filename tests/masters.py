"""Master notebooks of tests, from pairs of kind and source."""

from autograder import notebook


def make_master(parts):
    """A notebook with a cell for each of `parts`: kind (`raw`, `code`, `markdown`) and source."""
    made = notebook.make_notebook([])
    made.cells += [_make_cell(kind, source) for kind, source in parts]
    return made


def _make_cell(kind, source):
    if kind == "raw":
        empty = notebook.NotebookNode()
        return notebook.NotebookNode(cell_type="raw", metadata=empty, source=source)
    return {
        "code": notebook.make_code_cell,
        "markdown": notebook.make_markdown_cell,
    }[kind](source)
