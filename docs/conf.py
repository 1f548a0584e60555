"""The documentation site: Sphinx, MyST and furo. Reference pages are written from the standard and the catalogue."""

from pathlib import Path

project = "Placemaker"
author = "Placemaker contributors"
copyright = "Placemaker contributors; the standard under CC BY 4.0, code under MIT"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Placemaker"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1d4f5c",
        "color-brand-content": "#1d4f5c",
        # furo's own code colours fail contrast on its grey background
        "color-inline-code-background": "#f3f5f6",
    },
    "footer_icons": [],
}
html_show_sphinx = False
html_copy_source = False


def write_reference(app):
    """Write the reference pages anew before every build; they are never kept in the repository."""
    from placemaker.insight import reference as insight

    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    insight.write(folder / "insight")
    (folder / "command-line.md").write_text(command_line(), encoding="utf-8")


def command_line():
    """The help of every command as one page."""
    import click

    from placemaker.cli.app import placemaker

    def pages(command, words, parent=None):
        context = click.Context(command, info_name=words[-1], parent=parent, terminal_width=100, max_content_width=100)
        text = "\n".join(line.rstrip() for line in command.get_help(context).split("\n"))
        yield f"{'#' * min(len(words), 3)} {' '.join(words)}\n\n```text\n{text}\n```\n"
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                yield from pages(command.get_command(context, name), [*words, name], context)

    text = "\n".join(pages(placemaker, ["placemaker"])).replace("# placemaker", "## placemaker")
    return "# The command line\n\n" + text


def write_standard(app, failed):
    """Write the reference site of the standard beside the built pages; it is a site of its own, without a theme."""
    from placemaker.standard.site import write_site

    if not failed and app.builder.format == "html":
        write_site(Path(app.outdir) / "standard")


def setup(app):
    app.connect("builder-inited", write_reference)
    app.connect("build-finished", write_standard)
    return {"parallel_read_safe": True}
