"""fabu on three RabbitMQ nodes and PostgreSQL with a synchronous standby, beside the same RabbitMQ cluster alone: scripts/bench --cluster.

Both publish the same items from the same client code (amqp_bench.cpp) with as many of them on their way. RabbitMQ alone fans each out to four
quorum queues, whose consumers acknowledge; fabu accepts it with receipt and audit records, and four channels that settle at once report back.
"""
import json
import os
import pathlib
import statistics
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "cluster"))
CHANNELS = ["null-a", "null-b", "null-c", "null-d"]
CATALOGUE = """domains:
  - {code: ZC, name: 政府采购, name_en: Government procurement}
entries:
  - code: ZC-AWARD_RESULT
    name: 中标结果公告
    name_en: Award
    domain: ZC
    stage: result
    channels: [null-a, null-b, null-c, null-d]
    deadline: 20wd
    legal_basis: 基准测试
"""
TARGETS = ["fabu", "fabu_amqp_bench", "fabu_bench_worker"]


def cpu_of(processes):
    """Seconds that the processes and everything below them have used."""
    from processes import descendants
    ticks = 0
    for pid in {pid for process in processes for pid in (process.pid, *descendants(process.pid))}:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, build, seconds, partitions):
        from cluster import Cluster  # needs root; the other figures do not
        self.build, self.seconds, self.partitions = build, seconds, partitions
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fabu-cb-", dir="/tmp"))
        catalogue = pathlib.Path(str(self.folder) + ".catalogue.yaml")
        catalogue.write_text(CATALOGUE, encoding="utf-8")
        self.cleanup = [catalogue.unlink]
        os.environ["FABU_BINARY"] = f"{build}/fabu"
        self.cluster = Cluster.up(self.folder, channels=CHANNELS, workers=0, broker_settings={"catalogue": str(catalogue), "log": {"level": "warn"}},
                                  partitions=partitions, guarded=True)
        self.cleanup.insert(0, self.cluster.down)
        self.hosts = ",".join(self.cluster.address(name) for name in self.cluster.nodes)
        self.workers = []

    def close(self):
        for step in self.cleanup:
            step()

    def start_workers(self, count):
        """Each takes works of all four channels."""
        from processes import Process
        for number in range(count):
            command = [f"{self.build}/tests/bench/fabu_bench_worker", "--servers", self.hosts, "--user", "fabu",
                       "--password-file", self.folder / "passwords" / "fabu", "--name", f"worker{number}", "--channels", ",".join(CHANNELS),
                       "--partitions", str(self.partitions)]
            self.workers.append(Process.start(self.cluster.places["hub"].enter(*command), self.folder / f"worker{number}.log", self.folder))

    def run(self, mode, user, connections, window):
        command = [f"{self.build}/tests/bench/fabu_amqp_bench", mode, "--servers", self.hosts, "--user", user, "--password-file",
                   self.folder / "passwords" / user, "--connections", connections, "--window", window, "--seconds", self.seconds]
        if mode == "fabu":
            command += ["--brokers", ",".join(self.cluster.address(name) for name, broker in self.cluster.brokers.items() if broker.process.running())]
        before = self.cpu()
        done = self.cluster.places["hub"].run(*command, seconds=300)
        row = json.loads(done.stdout.strip().splitlines()[-1])
        used = {kind: (after - before[kind]) / row["accepted"] * 1e4 for kind, after in self.cpu().items()}
        return {**row, "cpu_per_10k": {**used, "client": row["client_cpu_per_10k"]}}

    def cpu(self):
        cluster = self.cluster
        groups = {"rabbitmq": cluster.nodes, "postgresql": cluster.servers, "brokers": cluster.brokers}
        by_group = {kind: cpu_of([member.process for member in members.values() if member.process.running()]) for kind, members in groups.items()}
        return {**by_group, "workers": cpu_of(self.workers)}

    def bare(self, connections, window):
        return self.run("bare", "fabu", connections, window)

    def fabu(self, brokers, connections, window):
        for number, broker in enumerate(self.cluster.brokers.values(), 1):
            if number > brokers and broker.process.running():
                broker.stop()
            elif number <= brokers and not broker.process.running():
                broker.start()
                broker.wait()
        return self.run("fabu", "ggj", connections, window)


def measure(build, seconds, repeat, levels, partitions):
    """Runs by (what, level), interleaved; a level is (connections, window)."""
    bench = Bench(build, seconds, partitions)
    rows = {}
    try:
        bench.start_workers(2)
        bench.fabu(2, 1, 4)  # everything is connected and has once been used
        for number in range(repeat):
            for level in levels:
                print(f"run {number + 1}/{repeat}, {level[0]} connections with {level[1]} on their way ...", file=sys.stderr, flush=True)
                for what, one in (("rabbitmq", lambda: bench.bare(*level)), ("1 broker", lambda: bench.fabu(1, *level)),
                                  ("2 brokers", lambda: bench.fabu(2, *level))):
                    rows.setdefault((what, level), []).append(one())
    finally:
        bench.close()
    return rows


def report(rows, levels, repeat):
    def middle(what, level, key):
        return statistics.median(row[key] for row in rows[what, level])

    def spread(what, level, key):
        values = [row[key] for row in rows[what, level]]
        return f"{statistics.median(values):,.0f} [{min(values):,.0f}-{max(values):,.0f}]"
    print("items of 2 KB to 4 channels; 3 RabbitMQ nodes with quorum queues, PostgreSQL with a synchronous standby, all on this machine;",
          f"median [min-max] of {repeat} runs\n")
    kinds = ["rabbitmq", "postgresql", "brokers", "workers", "client"]
    print("| connections x window | what | accepted/s | ack p50 ms | ack p99 ms | end to end/s | of RabbitMQ alone | CPU s/10k:", " + ".join(kinds),
          "|\n|---|---|---|---|---|---|---|---|")
    for level in levels:
        for what in ("rabbitmq", "1 broker", "2 brokers"):
            ratio = middle(what, level, "e2e_per_s") / middle("rabbitmq", level, "e2e_per_s")
            cpu = " + ".join(f"{statistics.median(row['cpu_per_10k'][kind] for row in rows[what, level]):.1f}" for kind in kinds)
            print(f"| {level[0]} x {level[1]} | {'RabbitMQ alone' if what == 'rabbitmq' else 'fabu, ' + what} | {spread(what, level, 'accept_per_s')} "
                  f"| {middle(what, level, 'ack_p50_ms'):.1f} | {middle(what, level, 'ack_p99_ms'):.1f} | {spread(what, level, 'e2e_per_s')} | {ratio:.2f} | {cpu} |")
