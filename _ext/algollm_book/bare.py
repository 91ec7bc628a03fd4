"""A page without the theme: it needs no other file, so it works at any address."""

import base64
import hashlib
import html

from sphinx.application import Sphinx

STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:36rem;margin:15vh auto;padding:0 1.2rem;line-height:1.6;"
    "font-family:system-ui,sans-serif}"
    "h1{font:500 1.8rem/1.3 Charter,Cambria,Georgia,serif}"
    "input,button{font:inherit;padding:.3rem .6rem}"
    ".moved:not(:target){display:none}"
)


def bare(
    app: Sphinx,
    title: str,
    body: str,
    *,
    head: str = "",
    script: str = "",
    asks: bool = False,
) -> str:
    """Return a page of its own; `head` and `body` are HTML, `title` is text.

    Where it `asks`, its script may fetch files of the site.
    """
    allowed = ["default-src 'none'", "style-src 'unsafe-inline'", "form-action 'self'"]
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed.append(f"script-src 'sha256-{digest}'")
        script = f"<script>{script}</script>"
    if asks:
        allowed.append("connect-src 'self'")
    language = app.config.language.replace("_", "-")
    name = html.escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(allowed)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name} · {html.escape(app.config.html_title)}</title>\n"
        f"<style>{STYLE}</style>\n{head}</head>\n"
        f"<body>\n<main>\n<h1>{name}</h1>\n{body}\n</main>\n{script}</body>\n</html>\n"
    )
