"""Tests for algollm_book.published: what the site has for machines and the lost."""

import xml.etree.ElementTree as ET
from urllib.parse import urljoin, urlsplit

import pytest

AT = "https://book.example/algo-llm"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_list_of_pages_holds_each_page_by_the_address_that_it_says(small):
    root = ET.fromstring(small("sitemap.xml"))
    listed = [loc.text for loc in root.iter(f"{MAP}loc")]
    assert listed == [f"{AT}/", f"{AT}/sub/rest.html", f"{AT}/sub/walk.html"]
    for name in ("start", "sub/rest", "sub/walk"):
        said = small(f"{name}.html").select_one('link[rel="canonical"]')["href"]
        assert said in listed


def test_robots_may_read_all_and_learn_where_the_list_is(small, homeless):
    assert homeless("robots.txt") == "User-agent: *\nDisallow:\n"
    assert small("robots.txt").splitlines() == [
        "User-agent: *",
        "Disallow:",
        f"Sitemap: {AT}/sitemap.xml",
    ]


def test_the_feed_has_what_is_dated_the_newest_first(small):
    root = ET.fromstring(small("changes.xml"))
    entries = root.findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title") for entry in entries]
    assert titles == ["Small: 0.2.0", "Small: 0.1.0"]
    assert root.findtext(f"{ATOM}updated") == "2026-03-01T00:00:00Z"
    assert entries[1].findtext(f"{ATOM}updated") == "2026-02-01T00:00:00Z"
    for element in [root, *entries]:  # what Atom asks for, RFC 4287, 4.1.1 and 4.1.2
        assert len(element.findall(f"{ATOM}id")) == 1
        assert len(element.findall(f"{ATOM}title")) == 1
    ids = [element.findtext(f"{ATOM}id") for element in [root, *entries]]
    assert len(set(ids)) == 3
    assert all(each.startswith(f"{AT}/") for each in ids)
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "We"


def test_what_an_entry_says_is_the_changelogs_text_as_html(small):
    (content, _) = ET.fromstring(small("changes.xml")).iter(f"{ATOM}content")
    assert content.get("type") == "html"
    assert "<li>A second walk, <b>longer</b>.</li>" in content.text


def test_pages_name_the_feed_where_there_is_one(small, homeless):
    (link,) = small("sub/walk.html").select('link[type="application/atom+xml"]')
    assert link["href"] == f"{AT}/changes.xml"
    assert not homeless("sub/walk.html").select('link[type="application/atom+xml"]')


def test_without_an_address_there_is_neither_list_nor_feed(small_sites):
    for name in ("sitemap.xml", "changes.xml"):
        assert not (small_sites[""] / name).exists()


@pytest.mark.parametrize("asked", ["lost.html", "a/b/c/lost.html"])
def test_from_any_depth_the_page_for_wrong_addresses_leads_back(
    small, small_sites, asked
):
    page = small("404.html")
    addresses = [tag["href"] for tag in page.select("a")]
    addresses.append(page.form["action"])
    assert len(addresses) == 4  # the start, two pages, search
    for address in addresses:
        whole = urljoin(f"{AT}/{asked}", address)
        assert whole.startswith(f"{AT}/")
        assert (small_sites[AT] / whole.removeprefix(f"{AT}/")).is_file()


def test_without_an_address_it_has_no_link_that_could_be_wrong(homeless):
    page = homeless("404.html")
    assert page.h1.get_text() == "There is no such page"
    assert not page.select("[href], [src], [action]")


@pytest.mark.browser
@pytest.mark.parametrize("folder", ["/", "/deep/book/"])
def test_without_an_address_a_script_looks_for_the_start(context, small_sites, folder):
    page = context().new_page()

    def answer(route):
        path = urlsplit(route.request.url).path
        name = path.removeprefix(folder) if path.startswith(folder) else ""
        there = name and (small_sites[""] / name).is_file()
        lost = small_sites[""] / "404.html"
        if there:
            route.fulfill(path=small_sites[""] / name)
        else:
            route.fulfill(status=404, path=lost, content_type="text/html")

    page.route("**/*", answer)
    page.goto(f"{folder}sub/none/lost.html")
    start = page.get_by_role("link", name="To the start")
    start.wait_for()
    assert start.get_attribute("href") == f"{folder}start.html"
    page.context.close()


def test_the_page_for_wrong_addresses_needs_no_other_file_and_is_not_listed(small):
    page = small("404.html")
    assert not page.select("script, img, link")
    assert page.select_one('meta[name="robots"]')["content"] == "noindex"
    assert "404" not in small("sitemap.xml")
