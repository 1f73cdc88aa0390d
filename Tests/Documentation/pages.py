"""What stands in the code blocks of the documentation."""

import dataclasses
import pathlib
import re

PATTERNS = ["*.md", "docs/*.md", "docs/recipes/*.md", "tools/*.md", "Benchmarks/*.md", "Tests/**/README.md"]
# The commands are in sh; conf is the configuration of other programs.
LANGUAGES = ["conf", "javascript", "json", "sh", "swift", "text", "toml", "yaml"]


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced code block. The line is that of its first line of text."""
    page: str
    line: int
    language: str
    text: str


@dataclasses.dataclass(frozen=True)
class Command:
    """What a person types, on one line or several, without the comment behind it."""
    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} {self.text}"


def pages(root: pathlib.Path) -> list[str]:
    """The pages of the repository, as paths from its top."""
    return sorted({str(path.relative_to(root)) for pattern in PATTERNS for path in root.glob(pattern)})


def blocks(page: str, text: str) -> tuple[list[Block], list[str]]:
    """The code blocks of a page, and what is wrong with them: nothing may escape the tests by its form."""
    found, mistakes = [], []
    fence, first, language, lines = None, 0, "", []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"( *)```(.*)", line)
        if fence is None and match:
            fence, first, language, lines = match[1], number + 1, match[2].strip(), []
            if language not in LANGUAGES:
                mistakes.append(f"{page}:{number} a code block of '{language}': its language is one of {LANGUAGES}")
        elif fence is not None and match and match[2].strip() == "":
            found.append(Block(page, first, language, "\n".join(lines)))
            fence = None
        elif fence is not None:
            lines.append(line.removeprefix(fence))
        elif re.match(r"(    | *\t| *~~~)", line):
            mistakes.append(f"{page}:{number} a code block without ```: fence it so, with its language")
    if fence is not None:
        mistakes.append(f"{page}:{first - 1} a code block without an end")
    return found, mistakes


def commands(block: Block) -> list[Command]:
    """The commands of a block for the shell."""
    found, text = [], ""
    for number, line in enumerate(block.text.split("\n"), block.line):
        if not text:
            first = number
        line = re.sub(r"(^|\s+)# .*$", "", line)
        text += line.strip()
        if text.endswith("\\"):
            text = text[:-1].rstrip() + " "
        elif text:
            found.append(Command(block.page, first, text))
            text = ""
    if text:
        found.append(Command(block.page, first, text))
    return found
