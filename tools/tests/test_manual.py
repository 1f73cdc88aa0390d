"""The manual pages: that nothing is missing in them, and that they are sound."""

import re
import shutil
import subprocess
from pathlib import Path

import manual
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = REPOSITORY / ".build" / "release"


@pytest.fixture(scope="module", name="pages")
def made_pages() -> dict[str, str]:
    """The pages of the built programs."""
    return manual.make_manual(PROGRAMS, REPOSITORY)


def shown(page: str) -> str:
    """What a reader sees, near enough: without fonts and escapes."""
    return re.sub(r"\\f[BIR]", "", page).replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")


def test_every_command_has_a_page_with_all_its_options(pages):
    tool = manual.described(PROGRAMS / "affectctl")
    leaves = list(manual.Manual(REPOSITORY, "", "").leaves("affectctl", tool))
    assert len(leaves) > 25
    for name, command in leaves:
        page = name.replace(" ", "-")
        text = shown(pages[f"{page}.1"])
        assert f"{page}(1)" in shown(pages["affectctl.1"])
        for option in command["arguments"]:
            for spelling in option.get("names", []):
                assert f"-{spelling['name']}" in text, (name, spelling)
            assert option.get("abstract", "").replace("`", "") in text.replace("\n", " "), (name, option)
    for option in manual.described(PROGRAMS / "affectd")["arguments"]:
        assert f"-{option['names'][-1]['name']}" in shown(pages["affectd.8"])


def test_every_setting_is_in_the_page_of_the_configuration(pages):
    rows = re.findall(r"^\| `([a-z]+\.[a-zA-Z_.]+)` \|", (REPOSITORY / "docs/configuration.md").read_text(), re.M)
    assert len(rows) > 40
    for key in rows:
        assert f"\n{key}\n" in shown(pages["affectd.toml.5"])


def test_the_pages_tell_of_exit_codes_files_and_environment(pages):
    text = shown(pages["affectd.8"])
    for part in ["\n78\n", "\nAFFECTD_SOCKET\n", "\n/var/lib/affectd\n", ".SH SIGNALS"]:
        assert part in text


def test_mandoc_finds_nothing_wrong(pages, tmp_path):
    assert shutil.which("mandoc"), "mandoc is one of the test packages"
    for name, text in pages.items():
        (tmp_path / name).write_text(text)
        result = subprocess.run(
            ["mandoc", "-Tlint", "-Wwarning", tmp_path / name], capture_output=True, text=True, check=False
        )
        assert result.stdout + result.stderr == ""


def test_the_version_is_the_same_everywhere():
    version = manual.version_of(PROGRAMS / "affectd")
    assert re.search(r"^## (\S+) ", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)[1] == version
    assert re.match(r"affectd \((\S+)\)", (REPOSITORY / "debian/changelog").read_text())[1] == version


def test_markdown_becomes_roff():
    assert manual.inline("Take `-x`, *not* [this](page.md)\\.") == "Take \\fB\\-x\\fR, \\fInot\\fR this\\e."
    assert manual.plain(".TH") == "\\&.TH"
    assert manual.convert("One\n\n- two\n\n```sh\n.three\n```\n") == (
        [".PP", "One", ".IP \\(bu 2", "two", ".PP", ".nf", ".RS 4", "\\&.three", ".RE", ".fi"]
    )
    assert manual.convert("| a | b |\n| --- | --- |\n| `c` | d |") == [".TP", "\\fBc\\fR", "d"]


def test_a_missing_section_is_named(tmp_path):
    (tmp_path / "page.md").write_text("## Something\ntext\n")
    with pytest.raises(manual.ManualError, match="no section 'Else'"):
        manual.section(tmp_path / "page.md", "Else")
