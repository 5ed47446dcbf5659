"""A real Kafka broker (one node, KRaft) receives records, and its own consumer is asked for them.

kafka.py PROGRAMS FOLDER_OF_JARS

SPDX-License-Identifier: Apache-2.0
"""

import json
import subprocess
import sys

from world import LONG, check_arrival, eventually, free_port, ids, main, need

TOPIC = "audit"


class Broker:
    def __init__(self, world):
        self.world = world
        self.java = need("java")
        self.jars = f"{sys.argv[2]}/*"
        self.port, controller = free_port(), free_port()
        self.config = world.folder / "kafka.properties"
        self.config.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={world.folder}/kafka
num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
""")
        self.tool("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c",
                  self.config)
        self.start()

    def tool(self, name, *words):
        command = [self.java, "-Xmx256m", "-cp", self.jars, name, *(str(w) for w in words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
        return done.stdout

    def start(self):
        self.daemon = self.world.daemon(
            [self.java, "-Xmx512m", "-cp", self.jars, "kafka.Kafka", self.config], "kafka")
        self.daemon.wait_for_port(self.port)

    def calls(self):
        """(log, seq, id) of all messages that the broker gives out."""
        server = ("--bootstrap-server", f"127.0.0.1:{self.port}", "--topic", TOPIC)
        ends = self.tool("org.apache.kafka.tools.GetOffsetShell", *server)  # topic:partition:end
        count = sum(int(line.split(":")[2]) for line in ends.split())
        text = self.tool("org.apache.kafka.tools.consumer.ConsoleConsumer", *server,
                         "--from-beginning", "--timeout-ms", "40000", "--max-messages", count)
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return [(e["log"], e["seq"], e["id"]) for e in events if e["kind"] == "call"]

    def sink(self):
        return {"stream": {"type": "kafka", "url": f"127.0.0.1:{self.port}", "topic": TOPIC,
                           "plaintext": True, "period_ms": 20, "retry_ms": 50,
                           "longest_retry_ms": 500, "acknowledge_ms": 10000}}


def outage(world):
    """Kafka: records arrive once and in order, also those of an outage of the broker"""
    broker = Broker(world)
    log = world.fill(500, "aa")
    exporter = world.export(broker.sink())
    eventually("the first are acknowledged", lambda: world.cursor("stream", log) >= 500)
    broker.daemon.stop()
    second = world.fill(2000, "bb")
    assert world.cursor("stream", second) == 0
    broker.start()
    eventually("all are acknowledged", lambda: world.cursor("stream", second) >= 2000)
    assert exporter.finish()
    again = check_arrival(broker.calls(), ids("aa", 500) + ids("bb", 2000), duplicates=2000)
    return f"2,500 arrived, {again} of them twice"


if __name__ == "__main__":
    sys.exit(main([outage], "kafka"))
