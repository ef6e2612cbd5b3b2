"""No co_await expression writes a closure, a braced temporary or a conditional into its operand: GCC 12 copies such temporaries bit by bit into the
coroutine's frame and destroys them twice. They are given a name first. (GCC bugs 98056, 99576, 102217; fixed in GCC 13 and 14.)"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
ROOMS = ("broker", "adapters", "tests")


def without_comments_and_strings(text):
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def operand(text, start):
    """What follows the co_await, up to the end of its statement or of the parentheses that hold it."""
    depth = 0
    for end in range(start, len(text)):
        depth += (text[end] in "({[") - (text[end] in ")}]")
        if depth < 0 or (depth == 0 and text[end] == ";"):
            return text[start:end]
    return text[start:]


def suspicious(expression):
    without_indexes = re.sub(r"\[[\w\s.:]+\]", "", expression)  # a[i], not [this] (…) {…}: a closure has a body in braces as well
    return "{" in without_indexes or "?" in expression


def main():
    found = []
    for room in ROOMS:
        for path in sorted((TOP / room).rglob("*")):
            if path.suffix not in (".cpp", ".h"):
                continue
            text = without_comments_and_strings(path.read_text(encoding="utf-8"))
            for await_ in re.finditer(r"\bco_await\b", text):
                # A clock's own arithmetic, Millis{100}, is trivially destructible.
                expression = re.sub(r"\bMillis\{\d*\}", "", operand(text, await_.end()))
                if suspicious(expression):
                    line = text.count("\n", 0, await_.start()) + 1
                    found.append(f"{path.relative_to(TOP)}:{line}: co_await {' '.join(expression.split())[:120]}")
    print("\n".join(found) or "every co_await names its temporaries")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
