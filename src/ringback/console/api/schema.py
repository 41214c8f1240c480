"""OpenAPI 3.1 at /api/v1/schema, and the same as a page that needs no script and no other host."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

from ringback import __version__
from ringback.problems import Problem

PATH = "/api/v1/schema"
_CODE = re.compile(r"`([^`]+)`")
_METHODS = ("get", "post", "put", "patch", "delete")
_INTRODUCTION = (
    "Everything desk and console do, for programs. Send an API key as `Authorization: Bearer rbk_…`. "
    "Errors are problem details (RFC 9457) with stable ids. Lists are pages: pass `next` as `after`. "
    "An `Idempotency-Key` makes a repetition safe. Webhooks are signed as Standard Webhooks say."
)


PROBLEMS = {
    "400": "It cannot be read.",
    "401": "No key or log-in, or one that is no longer good.",
    "403": "This key or person may not do that.",
    "404": "There is no such thing, or it belongs to others.",
    "409": "It cannot be done now; the problem says why, and what to do instead.",
    "422": "A member is wrong; `field` names it.",
    "429": "This key asks too often: wait for `Retry-After` seconds.",
    "503": "Try again with the same key.",
}


def with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the answers that our exception handlers give, which Litestar does not know of."""
    _, components = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = {status: {"description": words, "content": content} for status, words in PROBLEMS.items()}
    paths = {
        path: {
            method: {**operation, "responses": {**operation["responses"], **problems}}
            if method in _METHODS
            else operation
            for method, operation in item.items()
        }
        for path, item in schema["paths"].items()
    }
    known = schema.get("components", {})
    schemas = {**known.get("schemas", {}), **components}
    return {**schema, "paths": paths, "components": {**known, "schemas": schemas}}


class SchemaDocument(JsonRenderPlugin):
    """Renders the schema as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document."""
        return super().render(request, with_problems(openapi_schema))


class OperationsPage(OpenAPIRenderPlugin):
    """Renders the schema as plain HTML: headings, tables, anchors."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page."""
        return page_of(with_problems(openapi_schema)).encode()


def page_of(schema: Mapping[str, Any]) -> str:
    """Return the schema as a page."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(schema['info']['title'])}</title>",
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/api/v1/schema.css"></head><body><main>',
        f"<h1>{_text(schema['info']['title'])}</h1><p>{_prose(_INTRODUCTION)}</p>",
        '<p><a href="/api/v1/schema/openapi.json">The schema as JSON</a> (OpenAPI 3.1)</p>',
    ]
    operations = sorted(_operations(schema), key=lambda each: (each[1], _METHODS.index(each[0])))
    parts.append("<nav><h2>Operations</h2><ul>")
    for method, path, operation in operations:
        anchor = f"{method}-{path}"
        parts.append(
            f'<li><a href="#{_text(anchor)}"><code>{method.upper()} {_text(path)}</code></a> '
            f"{_text(operation.get('summary', ''))}</li>"
        )
    parts.append("</ul></nav>")
    parts.extend(_operation(method, path, operation) for method, path, operation in operations)
    parts.append("<section><h2>Values</h2>")
    for name, value in sorted(schema.get("components", {}).get("schemas", {}).items()):
        parts.append(_value(name, value))
    parts.append("</section></main></body></html>")
    return "".join(parts)


def _operations(schema: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    for path, item in schema.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield method, path, item[method]


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = [
        (each["name"], each["in"], "yes" if each.get("required") else "", _type(each.get("schema", {})))
        for each in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    rows += [("body", kind, "yes", _type(content.get("schema", {}))) for kind, content in body.items()]
    answers = [
        (
            status,
            _prose(answer.get("description", "")),
            ", ".join(_type(each.get("schema", {})) for each in answer.get("content", {}).values()),
        )
        for status, answer in operation.get("responses", {}).items()
    ]
    anchor = _text(f"{method}-{path}")
    return (
        f'<section id="{anchor}"><h3><code>{method.upper()} {_text(path)}</code></h3>'
        f"<p><b>{_text(operation.get('summary', ''))}.</b> {_prose(operation.get('description', ''))}</p>"
        + _table(("Takes", "In", "Needed", "Type"), rows)
        + _table(("Answer", "Meaning", "Type"), answers)
        + "</section>"
    )


def _value(name: str, value: Mapping[str, Any]) -> str:
    needed = set(value.get("required", ()))
    rows = [
        (each, _type(schema), "yes" if each in needed else "") for each, schema in value.get("properties", {}).items()
    ]
    return (
        f'<section id="value-{_text(name)}"><h3>{_text(name)}</h3><p>{_prose(value.get("description", ""))}</p>'
        + _table(("Member", "Type", "Needed"), rows)
        + "</section>"
    )


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = _text(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#value-{name}">{name}</a>'
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(_type(each) for each in schema[key])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " or ".join(f"<code>{_text(str(each))}</code>" for each in schema["enum"])
    kind = schema.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return _text(f"{words} ({schema['format']})" if "format" in schema else words)


def _table(headings: tuple[str, ...], rows: list[Any]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _prose(words: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _text(words))


def _text(words: str) -> str:
    return html.escape(words, quote=True)


STYLE = """
body { margin: 0; font: 15px/22px system-ui, "Noto Sans", "Liberation Sans", sans-serif; color: #16202a; background: #f5f6f7; }
main { max-width: 960px; margin: 0 auto; padding: 24px; }
section, nav { background: #fff; border: 1px solid #dbe0e5; border-radius: 12px; padding: 4px 20px 16px; margin: 16px 0; overflow-x: auto; }
section section { border: 0; padding: 0; margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #dbe0e5; vertical-align: top; }
code { font-family: ui-monospace, "Liberation Mono", monospace; font-size: 14px; }
a { color: #0b5c70; } a:focus-visible { outline: 2px solid #0b5c70; outline-offset: 2px; }
li { margin: 2px 0; }
@media (prefers-color-scheme: dark) {
  body { color: #e9eef3; background: #0e1317; } section, nav { background: #151b21; border-color: #2c3741; }
  th, td { border-color: #2c3741; } a { color: #7fd3e4; }
}
"""


def openapi_config() -> OpenAPIConfig:
    """Return how Litestar generates and shows the schema."""
    return OpenAPIConfig(
        title="Ringback API",
        version=__version__,
        description=_INTRODUCTION,
        path=PATH,
        render_plugins=[OperationsPage(), SchemaDocument()],
        security=[{"apiKey": []}, {"session": []}],
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(type="http", scheme="bearer", bearer_format="rbk_…"),
                "session": SecurityScheme(type="apiKey", name="ringback", security_scheme_in="cookie"),
            }
        ),
        tags=[Tag(name="callbacks", description="Callbacks and everything that can be done with them.")],
        use_handler_docstrings=True,
    )
