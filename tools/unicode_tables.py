"""Writes the tables of characters that lints use.

usage: unicode_tables.py FACTS    (the output of tools/unicode_facts.mjs)

Needs the Python package `regex` (2026.11.15 for the tables in the repository), which knows scripts.
Which characters identifiers may have, and which exist at all, is what the pinned official Cedar
engine says, so that ours warns about the same.

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import sys

import regex

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "src/policy/cedar"
LAST = 0x10ffff
# ISO 15924 codes; augmented sets by UTS 39 section 5.1 are made of the last four.
SCRIPTS = """Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Bopo Brah Brai Bugi Buhd
Cakm Cans Cari Cham Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi
Gara Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hang Hani Hano Hatr Hebr Hira Hluw Hmng
Hmnp Hung Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn Lepc Limb
Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei
Mult Mymr Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc
Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sidt Sind
Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu Tfng
Tglg Thaa Thai Tibt Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii
Zanb""".split()
JOINED = ("Hanb", "Jpan", "Kore")


def characters():
    return "".join(chr(point) for point in range(LAST + 1) if not 0xd800 <= point <= 0xdfff)


def with_property(text, name):
    return {ord(c) for c in regex.findall(rf"\p{{{name}}}", text)}


def ranges(value_of, points):
    """[first, last, value] of neighbours with one value; None is left out."""
    out = []
    for point in points:
        value = value_of(point)
        if out and out[-1][2] == value and out[-1][1] == point - 1:
            out[-1][1] = point
        else:
            out.append([point, point, value])
    return [each for each in out if each[2] is not None]


def script_sets(text):
    """For each character its scripts, with the joined ones; None is every script."""
    sets = {}
    for number, script in enumerate(SCRIPTS):
        try:
            for point in with_property(text, f"scx={script}"):
                sets.setdefault(point, set()).add(number)
        except regex.error:
            print(f"the package knows no script {script}", file=sys.stderr)
    number = {name: i for i, name in enumerate([*SCRIPTS, *JOINED])}
    for scripts in sets.values():
        han = number["Hani"] in scripts
        joined = {"Hanb": ("Bopo",), "Jpan": ("Hira", "Kana"), "Kore": ("Hang",)}
        for name, parts in joined.items():
            if han or any(number[part] in scripts for part in parts):
                scripts.add(number[name])
    for name in ("scx=Zyyy", "scx=Zinh"):
        for point in with_property(text, name):
            sets[point] = None
    return sets


def write(name, about, rows):
    lines, line = [], ""
    for row in rows:
        if len(line) + len(row) > 99:
            lines.append(line.rstrip())
            line = ""
        line += row + " "
    lines.append(line.rstrip())
    head = f"// {about}\n// Written by tools/unicode_tables.py; not to be edited.\n//\n" \
           "// SPDX-License-Identifier: Apache-2.0\n"
    (FOLDER / name).write_text(head + "\n".join(lines) + "\n")


def main():
    facts = json.loads(pathlib.Path(sys.argv[1]).read_text())
    text = characters()
    points = [point for point in range(LAST + 1) if not 0xd800 <= point <= 0xdfff]
    unknown = set(facts["unknown"])
    sets = script_sets(text)
    distinct = sorted({tuple(sorted(each)) for point, each in sets.items()
                       if each and point not in unknown})
    index = {scripts: i + 1 for i, scripts in enumerate(distinct)}  # 0: every script

    def script_of(point):
        if point in unknown or point not in sets:
            return None
        return 0 if sets[point] is None else index[tuple(sorted(sets[point]))]

    rows = ranges(script_of, points)
    write("unicode_script_ranges.inc", "First and last character, number of its set of scripts.",
          [f"{{0x{a:x}, 0x{b:x}, {v}}}," for a, b, v in rows])
    words = [[0, 0, 0] for _ in distinct]
    for row, scripts in zip(words, distinct):
        for script in scripts:
            row[script // 64] |= 1 << (script % 64)
    write("unicode_script_sets.inc", "Sets of scripts: a bit for each, in three words.",
          ["{~0ULL, ~0ULL, ~0ULL},"] +
          [f"{{0x{a:x}ULL, 0x{b:x}ULL, 0x{c:x}ULL}}," for a, b, c in words])
    allowed = set(facts["allowed"])
    rows = ranges(lambda point: True if point in allowed else None, points)
    write("unicode_identifier_ranges.inc", "First and last character that identifiers may have.",
          [f"{{0x{a:x}, 0x{b:x}}}," for a, b, _ in rows])


if __name__ == "__main__":
    main()
