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
    from placemaker.standard import reference as standard

    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    standard.write(folder / "standard")
    insight.write(folder / "insight")


def setup(app):
    app.connect("builder-inited", write_reference)
    return {"parallel_read_safe": True}
