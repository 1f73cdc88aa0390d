"""Writes the manual pages of affectd and affectctl.

They are made of what is there already: the options from the programs
themselves (`--experimental-dump-help`, as JSON), the settings from
docs/configuration.md, files and environment from docs/installation.md, signals
and exit codes from docs/protocol.md. The format is man(7).

Exit codes: 0 written, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

PROGRAM_SECONDS = 60


class ManualError(Exception):
    """The pages cannot be made; the text says why."""


# What Markdown the pages in docs/ use, as man(7).


def plain(text: str) -> str:
    """Escapes what has a meaning for troff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text: str) -> str:
    """A text with `code`, *emphasis*, **strong words** and [links](to them)."""
    text = re.sub(r"\[[^\]]*\]\((?:docs/)?configuration\.md[^)]*\)", "**affectd.toml**(5)", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"(`[^`]*`|\*\*[^*]+\*\*|\*[^*]+\*)", text)
    made = ""
    for part in parts:
        if part.startswith("`") and len(part) > 1:
            made += f"\\fB{plain(part[1:-1])}\\fR"
        elif part.startswith("**"):
            made += f"\\fB{plain(part[2:-2])}\\fR"
        elif part.startswith("*") and len(part) > 2:
            made += f"\\fI{plain(part[1:-1])}\\fR"
        else:
            made += plain(part).removeprefix("\\&") if made else plain(part)
    return made


def cells(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def item(tag: str, text: str) -> list[str]:
    """A term and what is said of it."""
    return [".TP", f"\\fB{plain(tag.replace('`', ''))}\\fR", inline(text)]


def table(rows: list[str], item_of) -> list[str]:
    """The rows of a table as items; the first two are its heading."""
    return [line for row in rows[2:] for line in item_of(cells(row))]


def two_columns(row: list[str]) -> list[str]:
    """A row of a term and its meaning."""
    return item(row[0], ". ".join(row[1:]))


def setting(row: list[str]) -> list[str]:
    """A row of the table of settings."""
    key, kind, default, meaning, on_reload = row
    return item(key, f"{kind}; default: {default}; on reload: {on_reload}. {meaning[0].upper()}{meaning[1:]}.")


def convert(text: str, item_of=two_columns) -> list[str]:
    """Markdown as man(7): paragraphs, headings, lists, tables, blocks of code."""
    lines = text.strip("\n").split("\n")
    made: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = lines.index("```", at + 1)
            made += [".PP", ".nf", ".RS 4"] + [plain(code) for code in lines[at + 1 : end]] + [".RE", ".fi"]
            at = end
        elif line.startswith("|"):
            end = at
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            made += table(lines[at:end], item_of)
            at = end - 1
        elif line.startswith("#"):
            made.append(f".SS {plain(line.lstrip('# '))}")
        elif match := re.match(r"(?:-|\d+\.) (.*)", line):
            made += [".IP \\(bu 2", inline(match[1])]
        elif line.strip():
            made += [".PP", inline(line.strip())]
        at += 1
    return made


def section(page: Path, heading: str) -> str:
    """What stands below a heading of the second level."""
    match = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page.read_text(), re.M | re.S)
    if not match:
        raise ManualError(f"{page} has no section '{heading}'")
    return match[1]


# What the programs say of themselves.


def described(program: Path) -> dict:
    """The commands of a program, with their options."""
    try:
        result = subprocess.run(
            [program, "--experimental-dump-help"],
            capture_output=True,
            check=True,
            timeout=PROGRAM_SECONDS,
        )
        return json.loads(result.stdout)["command"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise ManualError(f"{program} does not describe itself: {error}") from error


def version_of(program: Path) -> str:
    """Its number."""
    try:
        result = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=PROGRAM_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ManualError(f"{program} does not run: {error}") from error
    return result.stdout.split()[1].rstrip(",")


def option_names(option: dict) -> str:
    """Its names as they are typed, and the name of its value."""
    if option["kind"] == "positional":
        return f"\\fI{plain(option['valueName'])}\\fR"
    names = sorted(option["names"], key=lambda name: name["kind"] == "long")
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    shown = ", ".join(f"\\fB{plain(dashes[name['kind']] + name['name'])}\\fR" for name in names)
    return shown + (f" \\fI{plain(option['valueName'])}\\fR" if option["kind"] == "option" else "")


def option_items(options: list[dict]) -> list[str]:
    """All options of a command."""
    made = []
    for option in options:
        text = option.get("abstract", "")
        values, default = option.get("allValues"), option.get("defaultValue")
        if values:
            text += f" One of {', '.join(values)}."
        if default is not None and option["kind"] != "flag":
            text += f" (default: {default})"
        made += [".TP", option_names(option), inline(text)]
    return made


def usage(name: str, command: dict) -> str:
    """How it is called: what has to be given stands there by name."""
    options = [o for o in command["arguments"] if o["shouldDisplay"] and o["kind"] != "positional"]
    words = [f"\\fB{plain(name)}\\fR"]
    if any(option["isOptional"] for option in options):
        words.append("[\\fIoptions\\fR]")
    words += [option_names(option).split(", ")[-1] for option in options if not option["isOptional"]]
    for argument in command["arguments"]:
        if argument["kind"] == "positional":
            word = option_names(argument) + (" ..." if argument["isRepeating"] else "")
            words.append(f"[{word}]" if argument["isOptional"] else word)
    if subcommands(command):
        words.append("\\fIcommand\\fR")
    return " ".join(words)


def subcommands(command: dict) -> list[dict]:
    """Those that do something."""
    return [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]


def paragraphs(text: str) -> list[str]:
    """A discussion, as the programs print it."""
    parts = [part.replace("\n", " ") for part in text.split("\n\n") if part]
    return [line for part in parts for line in (".PP", inline(part))]


def without_idle_marks(lines: list[str]) -> list[str]:
    """A paragraph needs no mark after a heading."""
    return [line for line, before in zip(lines, [""] + lines) if line != ".PP" or not before.startswith(".S")]


class Manual:
    """The pages, with what stands at the head and foot of each."""

    def __init__(self, docs: Path, version: str, date: str):
        self.docs = docs
        self.version = version
        self.date = date
        self.pages: dict[str, str] = {}

    def add(self, name: str, number: int, abstract: str, body: list[str], see: list[str]) -> None:
        """Makes the page NAME(NUMBER)."""
        short = abstract.rstrip(".")
        head = [
            f'.TH "{plain(name.upper())}" {number} "{self.date}" "affectd {self.version}" "affectd"',
            ".SH NAME",
            f"{plain(name)} \\- {plain(short[0].lower() + short[1:])}",
        ]
        foot = [".SH SEE ALSO", ",\n".join(see), ".PP", "The documentation lies in \\fIshare/doc/affectd\\fR beside the \\fIbin\\fR of the programs."]
        self.pages[f"{name}.{number}"] = "\n".join(without_idle_marks(head + body + foot)) + "\n"

    def add_daemon(self, command: dict) -> None:
        """affectd(8)."""
        protocol, installation = self.docs / "protocol.md", self.docs / "installation.md"
        body = [".SH SYNOPSIS", usage("affectd", command), ".SH DESCRIPTION", inline(command["abstract"])]
        body += paragraphs(command["discussion"])
        body += [".SH OPTIONS"] + option_items(command["arguments"])
        body += [".SH SIGNALS"] + convert(section(protocol, "Signals and reload"))
        body += [".SH EXIT STATUS"] + convert(section(protocol, "Exit codes"))
        body += [".SH ENVIRONMENT"] + convert(section(installation, "Environment"))
        body += [".SH FILES"] + convert(section(installation, "What lies where"))
        self.add("affectd", 8, command["abstract"], body, [cross("affectctl", 1), cross("affectd.toml", 5)])

    def add_tool(self, command: dict) -> None:
        """affectctl(1), and a page for each command."""
        body = [".SH SYNOPSIS", usage("affectctl", command), ".SH DESCRIPTION", inline(command["abstract"])]
        body += [".SH COMMANDS"]
        see = [cross("affectd", 8), cross("affectd.toml", 5)]
        for name, leaf in self.leaves("affectctl", command):
            page = name.replace(" ", "-")
            body += [".TP", cross(page, 1), inline(leaf["abstract"])]
            text = [".SH SYNOPSIS", usage(name, leaf), ".SH DESCRIPTION", inline(leaf["abstract"])]
            text += paragraphs(leaf.get("discussion", ""))
            text += [".SH OPTIONS"] + option_items(leaf["arguments"])
            text += [".SH EXIT STATUS", "0 if it was done; " + cross("affectctl", 1) + " lists the others."]
            self.add(page, 1, leaf["abstract"], text, [cross("affectctl", 1)] + see)
        body += [".SH EXIT STATUS"] + convert(section(self.docs / "protocol.md", "Exit codes"))
        body += [".SH ENVIRONMENT"] + convert(section(self.docs / "installation.md", "Environment"))
        self.add("affectctl", 1, command["abstract"], body, see)

    def leaves(self, name: str, command: dict):
        """The commands that do something, with the words by which they are called."""
        for sub in subcommands(command):
            words = f"{name} {sub['commandName']}"
            if subcommands(sub):
                yield from self.leaves(words, sub)
            else:
                yield words, sub

    def add_configuration(self) -> None:
        """affectd.toml(5)."""
        page = self.docs / "configuration.md"
        introduction, _, rest = page.read_text().partition("\n## ")
        body = [".SH DESCRIPTION"] + convert(introduction.partition("\n")[2], setting)
        for part in ("## " + rest).split("\n## "):
            heading, _, text = part.removeprefix("## ").partition("\n")
            body += [f'.SH "{plain(heading.upper())}"'] + convert(text)
        self.add("affectd.toml", 5, "The configuration of affectd.", body, [cross("affectd", 8)])


def cross(name: str, number: int) -> str:
    """The name of another page."""
    return f"\\fB{plain(name)}\\fR({number})"


def release_date(changelog: Path, version: str) -> str:
    """The day of a version, as the list of changes has it."""
    match = re.search(rf"^## {re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)$", changelog.read_text(), re.M)
    if not match:
        raise ManualError(f"{changelog} has no version {version} with a date")
    return match[1]


def make_manual(programs: Path, repository: Path) -> dict[str, str]:
    """All pages, by the names of their files."""
    version = version_of(programs / "affectd")
    manual = Manual(repository / "docs", version, release_date(repository / "CHANGELOG.md", version))
    manual.add_daemon(described(programs / "affectd"))
    manual.add_tool(described(programs / "affectctl"))
    manual.add_configuration()
    return manual.pages


def main() -> int:
    """Runs as a command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("programs", type=Path, help="the folder with affectd and affectctl")
    parser.add_argument("output", type=Path, help="the folder to write the pages to")
    arguments = parser.parse_args()
    try:
        pages = make_manual(arguments.programs, Path(__file__).resolve().parents[1])
        arguments.output.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (arguments.output / name).write_text(text)
    except (ManualError, OSError) as error:
        print(f"manual.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
