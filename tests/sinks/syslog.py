"""A real rsyslog receives RFC 5424 over TCP and over TLS, and writes down what it understood.

syslog.py PROGRAMS

SPDX-License-Identifier: Apache-2.0
"""

import glob
import json
import subprocess
import sys

from world import Skip, check_arrival, eventually, free_port, ids, main, need

# One line for each message, as rsyslog read it.
TEMPLATE = ('template(name="lines" type="list" option.jsonf="on") { '
            'property(outname="app" name="app-name" format="jsonf") '
            'property(outname="pri" name="pri" format="jsonf") '
            'property(outname="sd" name="structured-data" format="jsonf") '
            'property(outname="msg" name="msg" format="jsonf") }')


def certificates(folder):
    """An authority, and a server's and a client's certificate of it."""
    openssl = need("openssl")

    def run(*words):
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        (folder / "extensions").write_text(
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", f"{name}.pem")


class Rsyslog:
    def __init__(self, world, tls):
        self.world, self.tls, self.port = world, tls, free_port()
        self.program = need("rsyslogd")
        self.received = world.folder / "received.jsonl"
        folder = world.folder
        if tls:
            certificates(folder)
            secure = ('StreamDriver.Name="ossl" StreamDriver.Mode="1" '
                      'StreamDriver.AuthMode="x509/certvalid" ')
            trust = (f'global(workDirectory="{folder}" DefaultNetstreamDriver="ossl" '
                     f'DefaultNetstreamDriverCAFile="{folder}/ca.pem" '
                     f'DefaultNetstreamDriverCertFile="{folder}/server.pem" '
                     f'DefaultNetstreamDriverKeyFile="{folder}/server.key" '
                     'maxMessageSize="64k")')
        else:
            secure, trust = "", f'global(workDirectory="{folder}" maxMessageSize="64k")'
        self.config = folder / "rsyslog.conf"
        self.config.write_text(f"""{trust}
module(load="imtcp" {secure})
{TEMPLATE}
ruleset(name="in") {{ action(type="omfile" file="{self.received}" template="lines") }}
input(type="imtcp" port="{self.port}" address="127.0.0.1" ruleset="in")
""")
        self.start()

    def start(self):
        command = [self.program, "-n", "-f", self.config, "-i", self.world.folder / "rsyslog.pid"]
        self.daemon = self.world.daemon(command, "rsyslog")
        self.daemon.wait_for_port(self.port)

    def sink(self, **more):
        scheme = "tls" if self.tls else "tcp"
        out = {"type": "syslog", "url": f"{scheme}://127.0.0.1:{self.port}", "period_ms": 20,
               "retry_ms": 20, "longest_retry_ms": 200, **more}
        if self.tls:
            out["ca"] = {"file": str(self.world.folder / "ca.pem")}
        return {"siem": out}

    def messages(self):
        if not self.received.exists():
            return []
        out = []
        for line in self.received.read_text().splitlines():
            one = json.loads(line)
            one["msg"] = one["msg"].lstrip("\ufeff ")
            out.append(one)
        return out

    def calls(self):
        events = [json.loads(m["msg"]) for m in self.messages() if m["msg"].startswith("{")]
        return [(e["log"], e["seq"], e["id"]) for e in events if e["kind"] == "call"]


def tcp(world):
    """syslog over TCP: facility, severity, structured data and message are what was sent"""
    server = Rsyslog(world, tls=False)
    world.fill(30, "ab")
    exporter = world.export(server.sink())
    assert exporter.finish()
    eventually("all arrive", lambda: len(server.calls()) == 30)
    check_arrival(server.calls(), ids("ab", 30))
    for message in server.messages():
        assert message["app"] == "mcpgov", message
        event = json.loads(message["msg"])
        if event["kind"] == "call":
            denied = event["decision"]["effect"] == "deny"
            assert message["pri"] == ("108" if denied else "109"), message
            assert message["sd"].startswith("[mcpgov@"), message


def cef(world):
    """syslog carries CEF when it is told to"""
    server = Rsyslog(world, tls=False)
    world.fill(5, "ab")
    exporter = world.export(server.sink(format="cef"))
    assert exporter.finish()
    eventually("all arrive", lambda: len(server.messages()) >= 5)
    assert all(m["msg"].startswith("CEF:0|") for m in server.messages()), server.messages()[0]


def tls(world):
    """syslog over TLS with the certificates of both sides verified"""
    if not glob.glob("/usr/lib/*/rsyslog/lmnsd_ossl.so"):
        raise Skip("the package rsyslog-openssl is not installed")
    server = Rsyslog(world, tls=True)
    log = world.fill(30, "ab")
    folder = world.folder
    stranger = world.export(server.sink())
    eventually("without a certificate it is refused", lambda: stranger.status()["siem"]["retries"])
    assert not server.calls() and world.cursor("siem", log) == 0
    stranger.kill()
    exporter = world.export(server.sink(certificate={"file": str(folder / "client.pem")},
                                        key={"file": str(folder / "client.key")}))
    assert exporter.finish(), exporter
    eventually("all arrive", lambda: len({c[2] for c in server.calls()}) == 30)
    check_arrival(server.calls(), ids("ab", 30), duplicates=30)


def outage(world):
    """10,000 records during an outage of rsyslog all arrive afterwards, in order"""
    server = Rsyslog(world, tls=False)
    world.fill(10, "aa")
    exporter = world.export(server.sink())
    eventually("the first arrive", lambda: len(server.calls()) == 10)
    server.daemon.stop()
    world.fill(10000, "bb")
    eventually("the outage shows", lambda: exporter.status()["siem"]["retries"])
    server.start()
    assert exporter.finish()
    wanted = ids("aa", 10) + ids("bb", 10000)
    eventually("all arrive", lambda: len({c[2] for c in server.calls()}) == len(wanted))
    again = check_arrival(server.calls(), wanted, duplicates=1000)
    return f"10,010 arrived, {again} of them twice"


if __name__ == "__main__":
    sys.exit(main([tcp, cef, tls, outage], "syslog"))
