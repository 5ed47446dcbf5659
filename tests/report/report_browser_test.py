"""The report in a real browser: no message on its console, nothing refused by its own policy,
nothing fetched, plots there, readable without scripts and on a telephone, contrast as WCAG asks.

usage: report_browser_test.py PATH-OF-MCPGOV PATH-OF-MAKE_AUDIT_LOG
Skips loudly where there is no `chromium`.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from checks import contains, equal, lacks, run_all  # noqa: E402

MCPGOV, MAKE_LOG = sys.argv[1:3]
CHROMIUM = os.environ.get("MCPGOV_CHROMIUM") or shutil.which("chromium") or shutil.which(
    "chromium-browser") or shutil.which("google-chrome")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="mcpgov-browser-"))
ATTACK = "</script><img src=x onerror=\"console.log('pwned');document.title='pwned'\">'\"\u202e"

# Asks the page about itself and leaves the answer in its title, which the DOM dump shows.
PROBE = """
const problems = [];
const colour = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(
  c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const over = (top, below) => {
  const a = top[3] === undefined ? 1 : top[3];
  return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a));
};
const back = element => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
};
let seen = 0;
for (const element of document.querySelectorAll("main *, header *, nav *, footer *")) {
  const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const style = getComputedStyle(element);
  if (!own || !element.getClientRects().length || element.closest("svg")) continue;
  ++seen;
  const a = light(over(colour(style.color), back(element))), b = light(back(element));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5) && problems.length < 8)
    problems.push(element.tagName + "." + element.className + " " + ratio.toFixed(2) + " " + element.textContent.slice(0, 20));
}
let last = 1;
for (const heading of document.querySelectorAll("h1,h2,h3")) {
  const level = Number(heading.tagName[1]);
  if (level > last + 1) problems.push("heading " + heading.textContent);
  last = level;
}
for (const table of document.querySelectorAll("table"))
  if (!table.caption || !table.querySelector("th[scope]")) problems.push("table without caption");
for (const svg of document.querySelectorAll("svg[role=img]"))
  if (!svg.getAttribute("aria-label")) problems.push("svg without label");
const sortable = document.querySelector("#activity table:not(.map) th button");
sortable.click();
const answer = {
  problems, seen, plots: document.querySelectorAll(".plot svg rect").length,
  sorted: sortable.closest("th").getAttribute("aria-sort"),
  wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  resources: performance.getEntriesByType("resource").map(r => r.name),
  facts: JSON.parse(document.getElementById("facts").textContent).messages.messages,
};
document.documentElement.setAttribute("data-probe", btoa(unescape(encodeURIComponent(JSON.stringify(answer)))));
"""


def story(*arguments):
    return subprocess.run([sys.executable, HERE / "story.py", *arguments], capture_output=True,
                          check=True).stdout


def make_page(name, lines, *arguments):
    logs, page = WORK / name, WORK / f"{name}.html"
    subprocess.run([MAKE_LOG, logs], input=lines, check=True, timeout=120)
    subprocess.run([MCPGOV, "audit", "report", logs, "-o", page, *arguments], check=True,
                   timeout=120)
    return page


def hostile_lines():
    lines = []
    for line in story("--days", "2").splitlines()[:300]:
        event = json.loads(line)
        event["server"] = event["peer"] = event["outcome"] = ATTACK
        if "target" in event:
            event["target"] = ATTACK + event["target"]
        event["caller"].update(subject=ATTACK, issuer=ATTACK, claimed=ATTACK)
        event["session"]["id"] = ATTACK
        event["decision"].update(policies=[ATTACK], snapshot=ATTACK, reason=ATTACK)
        lines.append(json.dumps(event))
    return "\n".join(lines).encode()


def browse(page, *, dark=False, width=1280, height=2000, dump=True, shot=None):
    """What the page became, and what the browser said about it."""
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--enable-logging=stderr", "--v=0", f"--user-data-dir={WORK / 'profile'}",
               "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking",
               f"--window-size={width},{height}"]
    if dark:
        command.append("--blink-settings=preferredColorScheme=0")
    if dump:
        command.append("--dump-dom")
    if shot:
        command.append(f"--screenshot={shot}")
    done = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=120, check=True)
    said = [line for line in done.stderr.decode(errors="replace").splitlines()
            if "CONSOLE" in line or "Content Security Policy" in line or "Refused" in line]
    return done.stdout.decode(errors="replace"), said


def probed(page, **options):
    """The answers of PROBE, run in the page as its own script would be: with its digest allowed."""
    import base64  # pylint: disable=import-outside-toplevel
    import hashlib  # pylint: disable=import-outside-toplevel
    text = page.read_text()
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    text = text.replace("; script-src ", f"; script-src 'sha256-{digest}' ", 1)
    text = text.replace("</body>", f"<script>{PROBE}</script></body>")
    copy = page.with_name("probe-" + page.name)
    copy.write_text(text)
    dom, said = browse(copy, **options)
    equal(said, [])
    found = re.search(r'data-probe="([^"]*)"', dom)
    if not found:
        raise AssertionError("the page did not answer")
    return json.loads(base64.b64decode(found[1]))


def week():
    page = WORK / "week.html"
    return page if page.exists() else make_page("week", story())


def quiet_console():
    """the browser has nothing to say about the page, and its script has run"""
    dom, said = browse(week())
    equal(said, [])
    contains(dom, "<button type=\"button\">")


def policy_holds():
    """a script and a style that are not the page's own are refused by its policy"""
    page = WORK / "injected.html"
    page.write_text(week().read_text().replace(
        "</main>", "<script>document.title='pwned'</script><p style='color:red' "
        "onclick='x'>x</p><img src='https://example.com/x'></main>"))
    dom, said = browse(page)
    lacks(dom, "<title>pwned</title>")
    if len(said) < 3:
        raise AssertionError(f"only {said} was refused")


def answers():
    """by day and by night, wide and narrow: contrast, headings, captions, plots, sorting"""
    for dark in (False, True):
        for width in (1280, 390):
            got = probed(week(), dark=dark, width=width)
            equal(got["problems"], [])
            equal(got["wide"], False)
            equal(got["resources"], [])
            equal(got["sorted"], "ascending")
            if got["plots"] < 100 or got["seen"] < 300 or got["facts"] < 1000:
                raise AssertionError(f"too little is there: {got}")


def hostile_text():
    """attacks in every field are shown as text and do nothing"""
    page = make_page("hostile", hostile_lines())
    dom, said = browse(page)
    equal(said, [])
    lacks(dom, "<title>pwned</title>")
    lacks(dom, "<img")
    contains(dom, "&lt;img src=x")
    contains(dom, "\\u{202e}")


def without_scripts():
    """without scripts every table and plot is there"""
    page = WORK / "still.html"
    page.write_text(re.sub("script-src '[^']*'", "script-src 'none'", week().read_text(), count=1))
    dom, _ = browse(page)
    lacks(dom, "<button type=\"button\">")
    for part in ("Servers</caption>", "Callers</caption>", "<rect class=\"allowed\"",
                 "report-bot", "What needs attention", "export_salaries"):
        contains(dom, part)


def pictures():
    """pictures can be taken; MCPGOV_PICTURES names a folder to keep them in"""
    folder = pathlib.Path(os.environ.get("MCPGOV_PICTURES", WORK))
    folder.mkdir(parents=True, exist_ok=True)
    for name, dark, width in (("day", False, 1280), ("night", True, 1280), ("phone", False, 390)):
        shot = folder / f"report-{name}.png"
        browse(week(), dark=dark, width=width, height=2400, dump=False, shot=shot)
        if shot.stat().st_size < 50_000:
            raise AssertionError(f"{shot} is empty")


if __name__ == "__main__":
    if not CHROMIUM:
        print("SKIPPED: the report in a browser: there is no chromium (Debian package `chromium`)")
        sys.exit(0)
    result = run_all([quiet_console, policy_holds, answers, hostile_text, without_scripts,
                      pictures])
    shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(result)
