"""From a template and a value to a page: the jinja2 environment that every page shares.

Autoescape is on, and every text put into a page passes `clean_text` first, so that no template
can forget it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.chart import round_pixels
from autograder.language import find_templates
from autograder.report.clean import clean_text
from autograder.report.wording import Wording, split_code

_SAFE_HREF = "/-._~"
_MOST_PROSE = 4000  # characters of one message


def render_page(template: str, wording: Wording, course: Path | None, **values: object) -> str:
    """The page `report/<template>` with `values`, in the wording's language.

    Args:
        template: file name below `report/`.
        wording: available to the template as `_`.
        course: folder of a course whose `templates/` come before ours; None for ours alone.
        values: what the template shows.
    """
    page = make_environment(course).get_template(f"report/{template}")
    return page.render(_=wording, **values)


@cache
def make_environment(course: Path | None) -> Environment:
    """Environment that looks for templates in the course's folder first."""
    folders = [course / "templates"] if course else []
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in [*folders, find_templates()]]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(prose=mark_code, href=quote_href, px=round_pixels)
    return environment


def mark_code(text: str) -> Markup:
    """`text`, bounded and escaped, with what stands between backticks as `<code>`."""
    text = text[:_MOST_PROSE] + ("…" if len(text) > _MOST_PROSE else "")
    pieces = [
        Markup("<code>{}</code>").format(piece) if code else Markup.escape(piece)
        for code, piece in split_code(text)
    ]
    return Markup("").join(pieces)


def quote_href(path: str) -> str:
    """A relative link to `path`: no scheme, no host, no query can come of it."""
    relative = quote(path.encode("utf-8", "replace"), safe=_SAFE_HREF).lstrip("/")
    return relative if relative else "."


def _finalize(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean_text(value)
    return value
