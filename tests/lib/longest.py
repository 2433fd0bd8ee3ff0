"""The longest thing in the C files named on standard input (NUL between): "NUMBER PLACE".

    function_lines    between a function's braces; they stand in the first column, nothing else's do
    file_lines        a file
    line_columns      a line
"""
import sys
from pathlib import Path


def functions(name, lines):
    start = 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield number - start - 1, f"{name}:{start}"
            start = 0


def files(name, lines):
    yield len(lines), name


def columns(name, lines):
    for number, line in enumerate(lines, 1):
        yield len(line), f"{name}:{number}"


MEASURES = {"function_lines": functions, "file_lines": files, "line_columns": columns}


def main():
    measure = MEASURES[sys.argv[1]]
    names = [name for name in sys.stdin.read().split("\0") if name]
    longest = max((found for name in names for found in measure(name, Path(name).read_text().splitlines())),
                  default=(0, "-"))
    print(*longest)


main()
