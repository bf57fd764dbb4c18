"""Markdown: what is refused, how it becomes safe HTML, an outline and plain text, and how it is rendered out of harm's way."""

from knowledge.markup.apart import render_apart
from knowledge.markup.checking import EFFORT, check
from knowledge.markup.rendering import RENDERER, Files, Heading, Rendered, render

__all__ = ["EFFORT", "RENDERER", "Files", "Heading", "Rendered", "check", "render", "render_apart"]
