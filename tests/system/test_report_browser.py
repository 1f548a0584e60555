"""The page in a real browser, on a telephone and on a desk: nothing runs off the side, and figures open unaided."""

import shutil

import pytest
from report_example import example_profile

from placemaker.insight.document import profile_document
from placemaker.report import render

WIDTHS = {"telephone": 360, "desk": 1440}


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (the browser extra)")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    return render(profile_document(example_profile(every=True)), folder, "mill-lane", ("html",))["html"].as_uri()


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS)
def page(request, browser, address):
    """The page, with what the browser complained of and every address it asked for."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    opened = context.new_page()
    opened.complaints, opened.asked = [], []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("request", lambda asked: opened.asked.append(asked.url))
    opened.goto(address)
    yield opened
    context.close()


def test_the_page_does_not_scroll_sideways(page):
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1]


def test_only_scrolling_boxes_hold_what_is_wider_than_the_page(page):
    outside = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && !e.closest('[popover]')
            && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert outside == []


def test_a_figure_opens_and_closes(page):
    figure = page.locator("td button.figure").first
    note = page.locator(f"#{figure.get_attribute('popovertarget')}")
    assert not note.is_visible()
    figure.click()
    assert note.is_visible()
    assert "How." in note.inner_text() and "From." in note.inner_text()
    box = note.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    note.get_by_role("button", name="Close").click()
    assert not note.is_visible()


def test_a_figure_opens_by_the_keyboard_and_escape_closes_it(page):
    figure = page.locator(".tiles button.figure").first
    figure.focus()
    page.keyboard.press("Enter")
    note = page.locator(f"#{figure.get_attribute('popovertarget')}")
    assert note.is_visible()
    page.keyboard.press("Escape")
    assert not note.is_visible()
    assert figure.evaluate("e => e === document.activeElement")


def test_the_table_of_the_map_opens(page):
    table = page.locator("details.as-table table").first
    assert not table.is_visible()
    page.locator("details.as-table summary").first.click()
    assert table.is_visible()


def test_one_of_the_two_drawings_of_a_picture_is_shown(page):
    shown = page.locator("figure svg:visible").count()
    assert shown == page.locator("figure").count() == page.locator("figure svg").count() / 2


def test_the_letters_of_pictures_are_large_enough_to_read(page):
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('figure.chart svg text')].filter(e => e.getClientRects().length)
            .map(e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getBoundingClientRect().width
                / e.ownerSVGElement.viewBox.baseVal.width)"""
    )
    assert sizes and min(sizes) >= 10.5


def test_the_keyboard_stops_once_a_row(page):
    stops = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll('table.figures tbody tr')].map(row =>
            row.querySelectorAll('button:not([tabindex="-1"])').length))"""
    )
    assert stops <= 2


def test_the_browser_asks_for_nothing_and_complains_of_nothing(page, address):
    page.locator("td button.figure").first.click()
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith("data:")] == [address]


def test_figures_open_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    figure = page.locator("td button.figure").first
    figure.click()
    assert page.locator(f"#{figure.get_attribute('popovertarget')}").is_visible()
    context.close()
