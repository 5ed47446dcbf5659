"""Real identity providers, whose tokens the verifier judges. A part of `./run test`.

python3 tools/identity_providers.py BUILD [--keycloak]

SPDX-License-Identifier: Apache-2.0
"""

import os
import pathlib
import shutil
import sys
import zipfile

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUITES = ROOT / "tests/identity_providers"
WORK = ROOT / "build/identity-providers"
KEYCLOAK = "26.4.7"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


def install(tally):
    """oidc-provider and jose in the exact versions of package-lock.json."""
    WORK.mkdir(parents=True, exist_ok=True)
    lock = WORK / "package-lock.json"
    if lock.exists() and lock.read_bytes() == (SUITES / lock.name).read_bytes():
        return True
    for name in ("package.json", lock.name):
        shutil.copy(SUITES / name, WORK / name)
    code, output, _ = execute(["npm", "ci", "--no-audit", "--no-fund"], 300, cwd=WORK)
    if code != 0:
        lock.unlink()
        tally.skipped("identity providers", "npm could not install oidc-provider")
        print(output[-2000:], flush=True)
    return code == 0


def keycloak(tally):
    """Keycloak's folder, or None. 160 MB of Maven Central."""
    home = WORK / f"keycloak-{KEYCLOAK}"
    if home.is_dir():
        return home
    for program in ("mvn", "java"):
        if not shutil.which(program):
            tally.skipped("keycloak", f"{program} is not installed")
            return None
    archive = WORK / f"keycloak-quarkus-dist-{KEYCLOAK}.zip"
    code, output, _ = execute(
        ["mvn", "-q", "-B", COPY, f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip",
         f"-DoutputDirectory={WORK}"], 600, cwd=WORK)
    if code != 0 or not archive.exists():
        tally.skipped("keycloak", "Maven could not download it")
        print(output[-2000:], flush=True)
        return None
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(WORK)
    archive.unlink()
    return home


def run_all(tally, build, with_keycloak):
    program = build / "bin/identity_providers_identify"
    if not program.exists():
        tally.skipped("identity providers", "the library was built without libcurl")
        return
    if not shutil.which("node") or not shutil.which("npm"):
        tally.skipped("identity providers", "node or npm is not installed")
        return
    if not install(tally):
        return
    tally.run("oidc-provider", ["node", SUITES / "oidc_provider.mjs", program, WORK], timeout=120)
    if not with_keycloak and os.environ.get("MCPGOV_KEYCLOAK") != "1":
        tally.skipped("keycloak", "it takes two minutes: ./run test --all, or MCPGOV_KEYCLOAK=1")
    elif home := keycloak(tally):
        tally.run("keycloak", ["node", SUITES / "keycloak.mjs", program, WORK, home], timeout=400)


if __name__ == "__main__":
    total = Tally()
    run_all(total, pathlib.Path(sys.argv[1]).resolve(), "--keycloak" in sys.argv)
    sys.exit(total.close())
