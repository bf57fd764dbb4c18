import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import markup
from knowledge.errors import Code, Invalid, TooLarge
from knowledge.markup import Heading, apart
from knowledge.markup.rendering import converter
from tests.knowledge.hostile_markup import PAYLOADS, STALLS

ALLOWED = {
    "": {"class", "id"},
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "abbr": {"title"},
    "details": {"open"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}
TAGS = set(
    "a abbr b blockquote br cite code dd del details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s "
    "samp small span strong sub summary sup table tbody td tfoot th thead tr ul var".split()
)


class Inspector(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(tag)
        for name, value in attrs:
            if name not in ALLOWED[""] | ALLOWED.get(tag, set()):
                self.faults.append(f"{tag} {name}")
            if name in ("href", "src") and not is_harmless(value or ""):
                self.faults.append(f"{name} {value}")
            if name == "id" and not (value or "").startswith("body-"):
                self.faults.append(f"id {value}")

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")


def is_harmless(address: str) -> bool:
    plain = "".join(character for character in address if character > " ")
    return (
        plain == address
        and urlsplit(plain).scheme in ("", "http", "https", "mailto")
        and not plain.startswith(("//", "/\\"))
    )


def html(source: str) -> str:
    return markup.render(source).html


def work(source: str, tries: int = 3) -> float:
    """Seconds of CPU; where it took more than one, the machine may have been at something else, and it is tried again."""
    started = time.process_time()
    with suppress(TooLarge, Invalid):
        markup.render(source)
    taken = time.process_time() - started
    return min(taken, work(source, tries - 1)) if taken > 1 and tries > 1 else taken


def test_nothing_hostile_reaches_a_page() -> None:
    found = {payload: faults for payload in PAYLOADS if (faults := Inspector(html(payload)).faults)}

    assert len(set(PAYLOADS)) >= 200
    assert found == {}


def test_the_inspector_finds_what_is_hostile() -> None:
    hostile = (
        '<script>x</script><p onclick="x"><a href="javascript:x"></a><a href="//x"></a><!--x--><h2 id="location">x</h2>'
    )

    assert len(Inspector(hostile).faults) == 6


@pytest.mark.slow
def test_hostile_payloads_stay_harmless_inside_other_markup() -> None:
    frames = (
        "> {}",
        "- {}",
        "**{}**",
        "[{}](x)",
        "a | b\n--|--\n{} | x",
        "!!! note\n    {}",
        "<div>{}</div>",
        "[^1]\n\n[^1]: {}",
    )

    found = [
        frame.format(payload)
        for payload in PAYLOADS
        for frame in frames
        if Inspector(html(frame.format(payload))).faults
    ]

    assert found == []


@pytest.mark.slow
def test_64_kilobytes_of_anything_take_at_most_a_second() -> None:
    times = {number: work(source) for number, source in enumerate(STALLS)}

    assert {STALLS[number][:40]: taken for number, taken in times.items() if taken > 1} == {}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("[" * 5000, "brackets"),
        ("![[]()" * 2000, "brackets"),
        ("[\\]" * 3000, "brackets"),
        ("[`]`" * 3000, "brackets"),
        (">" * 21 + " a", "nested"),
        ("- " * 40 + "a", "nested"),
        ("# a\n" * 501, "headings"),
        ("a\n===\n" * 501, "headings"),
        ("- - -\n" * 501, "headings"),
        ("[^1] " * 301, "footnotes"),
        ("```\nx\n```\n" * 501, "blocks of code"),
        ("a" * 20_001, "line"),
        ("a\n" * 10_001, "lines"),
        ("a\n" * 140_000, "kB"),
        (("\\*" * 40 + "\n") * 800, "too much markup"),
        (("x\n[a]: b\n") * 2000, "too much markup"),
        ("|" + "a|" * 4000 + "\n|" + "-|" * 4000 + "\n" + "|\n" * 9000, "too much markup"),
        ("a|" * 200 + "\n" + "-|" * 200 + "\n" + "|\n" * 9000, "too much markup"),
        ("".join(f"<b title={number}>" for number in range(900)) + "\n\n" + "a\n\n" * 3000, "too much markup"),
    ],
)
def test_what_no_author_writes_is_refused_before_it_is_rendered(source: str, reason: str) -> None:
    with pytest.raises(TooLarge, match=reason) as refused:
        markup.check(source, field="practice.do")

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("practice.do", Code.TOO_LARGE)]


def test_a_null_character_is_invalid() -> None:
    with pytest.raises(Invalid, match="null"):
        markup.check("a\0b", field="summary")


@pytest.mark.parametrize(
    "source",
    [
        "A paragraph of plain words that goes on for a while, with one [link](https://example.org) in it.\n\n" * 2500,
        "- **Ask first**: [what happened](/entries/ask-first), `then` say sorry.\n" * 600,
        "| a | b | c |\n|---|---|---|\n" + "| one | **two** | [three](/x) |\n" * 500,
        "```\n" + "[" * 10_000 + "\n```",
        "> quoted\n> words\n\n" * 800,
        "\n".join(f"[{number}]: https://example.org/{number}" for number in range(500)),
        "\n\n".join(f"## Heading {number}\n\nWords.[^{number}]\n\n[^{number}]: A note." for number in range(120)),
    ],
)
def test_long_texts_that_authors_do_write_pass(source: str) -> None:
    markup.check(source)


def test_a_fence_that_nobody_closes_hides_nothing_from_the_check() -> None:
    with pytest.raises(TooLarge):
        markup.check("```\n" + "[" * 5000)


def test_headings_begin_below_the_title_and_carry_prefixed_anchors() -> None:
    rendered = markup.render("# When *it* counts\n\n## Ünder\n\n# When it counts\n\n###### Deep", field="practice.do")

    assert rendered.outline == (
        Heading(2, "practice-do-when-it-counts", "When it counts"),
        Heading(3, "practice-do-ünder", "Ünder"),
        Heading(2, "practice-do-when-it-counts_1", "When it counts"),
        Heading(6, "practice-do-deep", "Deep"),
    )
    assert '<h2 id="practice-do-when-it-counts">When <em>it</em> counts</h2>' in rendered.html


def test_links_within_a_text_follow_its_anchors() -> None:
    assert '<a href="#body-the-refund">' in html("[there](#the-refund)\n\n# The refund")


def test_entries_are_linked_by_slug() -> None:
    rendered = markup.render("See [[replace-first]], [[say-sorry|how to *apologise*]] and [[replace-first]].")

    assert rendered.links == ("replace-first", "say-sorry")
    assert '<a class="entry bare" href="/entries/replace-first">replace first</a>' in rendered.html
    assert '<a class="entry" href="/entries/say-sorry">how to <em>apologise</em></a>' in rendered.html
    assert rendered.text == "See replace first, how to apologise and replace first."


@pytest.mark.parametrize("source", ["`[[a]]`", "    [[a]]", "```\n[[a]]\n```", "\\[[a]]", "[[Not A Slug]]", "[[]]"])
def test_what_only_looks_like_a_link_to_an_entry_stays_as_it_is(source: str) -> None:
    rendered = markup.render(source)

    assert rendered.links == ()
    assert source.strip("\\` \n") in rendered.html


def test_a_label_in_a_table_escapes_its_bar() -> None:
    assert ">sorry</a></td>" in html("a | b\n--|--\n[[say-sorry\\|sorry]] | x")


def test_only_links_that_leave_the_site_are_marked() -> None:
    page = html(
        "[out](https://example.org) <a href='HTTPS://example.org'>out</a> [in](/entries/x) [mail](mailto:a@example.org)"
    )

    assert page.count('rel="nofollow noopener"') == 2
    assert '<a href="/entries/x">in</a> <a href="mailto:a@example.org">mail</a>' in page


def test_images_come_from_attachments_and_those_from_the_web_become_links() -> None:
    assert '<a href="https://example.org/a.png" rel="nofollow noopener">a</a>' in html(
        "![a](https://example.org/a.png)"
    )
    assert 'src="/attachments/a.png"' in html("![a](/attachments/a.png)")
    assert "src" not in html("![a](/logout) ![a](a.png) <img src='https://example.org/a.png'>")
    assert "src" not in html("![a](mailto:a@example.org) ![a](data:image/png;base64,AAAA) ![a](//example.org/a.png)")


def test_attached_files_have_addresses_under_their_entry_and_pictures_have_room() -> None:
    files = markup.Files("/entries/a/files/", {"my-plan.png": (640, 480)})

    page = markup.render(
        "![plan](attachment:my%20plan.png) [as text](attachment:été.txt) ![old](attachment:../b.png)\n\n`attachment:x`\n\n"
        '&lt;img src="attachment:x"&gt; [x](attachment:"onerror=) <img src="attachment:a&quot;b.png" width="3">',
        files=files,
    ).html

    assert 'alt="plan" src="/entries/a/files/my-plan.png" loading="lazy" width="640" height="480">' in page
    assert '<a href="/entries/a/files/%C3%A9t%C3%A9.txt">as text</a>' in page
    assert 'src="/entries/a/files/b.png"' in page
    assert "<code>attachment:x</code>" in page
    assert '&lt;img src="attachment:x"&gt;' in page
    assert '<img src="/entries/a/files/a-b.png" width="3" loading="lazy">' in page


def test_tables_notes_boxes_and_lists_are_understood() -> None:
    page = html('a | b\n:-- | --:\n1 | 2\n\nx[^n]\n\n[^n]: note\n\n!!! warning "Mind"\n    this\n\n1. one\n\n- two')

    assert '<td align="right">2</td>' in page
    assert '<sup id="body-fnref-n"><a class="footnote-ref" href="#body-fn-n">1</a></sup>' in page
    assert '<li id="body-fn-n">' in page
    assert '<div class="admonition warning">\n<p class="admonition-title">Mind</p>' in page
    assert "<ol>" in page
    assert "<ul>" in page


def test_code_is_coloured_by_class() -> None:
    page = html('```python\nx = "<b>"\n```')

    assert '<pre class="code"><code class="language-python"><span class="n">x</span>' in page
    assert "&lt;b&gt;" in page


def test_code_of_unknown_language_or_great_length_is_plain() -> None:
    assert html("```klingon\n<b>\n```") == '<pre class="code"><code>&lt;b&gt;\n</code></pre>'
    assert "<span" not in html("```python\n" + "x = 1\n" * 400 + "```")


def test_text_keeps_the_words_and_drops_the_markup() -> None:
    rendered = markup.render(
        "# Title\n\nOne **two**[^1] ![three](/x.png)\n\n- four & five\n\n[^1]: six\n\n<!-- seven -->"
    )

    assert rendered.text == "Title\nOne two three\nfour & five\nsix"


def test_unclosed_html_stays_inside() -> None:
    page = html("<div><b>open\n\n</section></div></div>\n\nend")

    assert page.count("<div>") == page.count("</div>")
    assert page.count("<b>") == page.count("</b>")


def test_an_empty_text_is_empty() -> None:
    assert markup.render("  \n") == markup.Rendered("", "", (), ())


def test_rendering_apart_gives_the_same() -> None:
    source = "# A\n\n[[b]] `c`"

    assert apart.render_apart(source, field="practice.do") == markup.render(source, field="practice.do")


def test_what_takes_too_long_apart_is_refused_and_the_next_text_is_rendered() -> None:
    with pytest.raises(TooLarge, match="too long") as refused:
        apart.render_apart("a **b** c\n\n" * 2000, seconds=0.001, field="preview")

    assert refused.value.problems[0].field == "preview"
    assert apart.render_apart("next").text == "next"


def test_a_process_that_died_is_replaced() -> None:
    apart.render_apart("first")
    assert apart.WORKER.process
    apart.WORKER.process.kill()

    assert apart.render_apart("second").text == "second"


def test_many_threads_share_the_process() -> None:
    texts = [f"text {number}" for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(apart.render_apart, texts))

    assert [answer.text for answer in answers] == texts


def test_what_the_check_refuses_never_reaches_the_process() -> None:
    apart.stop()

    with pytest.raises(TooLarge, match="brackets"):
        apart.render_apart("[" * 5000)

    assert apart.WORKER.process is None


@pytest.fixture(scope="module", autouse=True)
def the_process_ends() -> Iterator[None]:
    yield
    apart.stop()


@pytest.mark.parametrize(
    "source",
    [
        "Dear <name>, your <order> comes.",
        "if x<y and y>z then a<b and c>d",
        "before <script>x</script> after",
        "<title>t",
    ],
)
def test_what_is_no_tag_of_ours_is_shown_as_it_was_written(source: str) -> None:
    assert markup.render(source).text == source


def test_words_after_a_hidden_tag_are_not_swallowed() -> None:
    text = markup.render("one <style> two\n\nthree\n\nfour").text

    assert text.split("\n") == ["one <style> two", "three", "four"]


@given(st.text(alphabet=st.characters(exclude_characters="\\`*_[<&"), max_size=60))
def test_no_pattern_is_found_where_there_is_none_of_the_marks(text: str) -> None:
    plain = re.sub("  \n", " \n", re.sub("   *\n", " \n", text))

    found = [each for each in converter().inlinePatterns if each.getCompiledRegExp().search(plain)]

    assert found == []


def test_a_text_that_is_refused_is_refused_again_and_by_the_field_that_it_is_in() -> None:
    heavy = "[" * 300

    for field in ("body", "practice.do", "body"):
        with pytest.raises(TooLarge) as refused:
            markup.check(heavy, field=field)
        assert [problem.field for problem in refused.value.problems] == [field]
