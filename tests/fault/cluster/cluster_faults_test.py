"""One cluster, one fault after the other, each under steady load from AMQP and HTTP submitters and each judged by the checker: nothing acked
is lost, nothing appears twice on a channel, the order per item holds, the log verifies and has one history.

    FABU_BINARY=build/release/fabu python3 cluster_faults_test.py [Faults.test_…]

With FABU_CLUSTER_FOLDER the cases run on a cluster that is up already (scripts/cluster up --small-disk mq3=64) and stays up.
"""
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cluster"))
from checker import longest_silence  # noqa: E402
from cluster import Cluster, say, wait_until_ready  # noqa: E402
from hammer import Hammer  # noqa: E402
from judgement import judge_run, lines  # noqa: E402
from places import skip_unless_permitted  # noqa: E402
from processes import wait_for  # noqa: E402

RATE = float(os.environ.get("FABU_HAMMER_RATE", "8"))
NODES = ["mq1", "mq2", "mq3"]
SERVERS = ["pg1", "pg2"]
RUNNING = os.environ.get("FABU_CLUSTER_FOLDER")
KEEP = os.environ.get("FABU_CLUSTER_ARTIFACTS")  # where logs and evidence of a failed run are copied


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.failed = False
        if RUNNING:
            cls.cluster = Cluster.find(RUNNING)
        else:
            cls.cluster = Cluster.up(tempfile.mkdtemp(prefix="fabu-cf-", dir="/tmp"), small_disks={"mq3": 64}, guarded=True)
            cls.addClassCleanup(cls._down)
        cls.cluster.enter()
        say("up")

    @classmethod
    def _down(cls):
        if cls.failed and KEEP:
            shutil.rmtree(KEEP, ignore_errors=True)
            shutil.copytree(cls.cluster.folder, KEEP, ignore=shutil.ignore_patterns("data", "*.sock", "passwords", "adapter.key", "channels"))
            say(f"logs and evidence are in {KEEP}")
        cls.cluster.down()

    def setUp(self):
        self.begun = time.time()
        evidence = self.cluster.folder / "evidence" / f"{self._testMethodName}-{int(self.begun)}"
        self.hammer = Hammer.on(self.cluster, evidence, rate=RATE, prefix=str(int(self.begun))).start()
        self.addCleanup(self._whole_again)
        self.acked(6)

    def _whole_again(self):
        """For the next case; what this one broke and did not mend is mended, once its hammer is silent."""
        self.hammer.ending.set()
        self.hammer.watching_ends.set()
        self.cluster.heal()
        for name, member in self.cluster.members().items():
            self.cluster.cont(name)
            if not member.process.running():
                self.cluster.restart(name)
        wait_until_ready(self.cluster, [*self.cluster.brokers, *self.cluster.adapters])

    # --- what the cases are made of

    def acked(self, more, seconds=90.0):
        """Until so many more acks have come."""
        wanted = self.hammer.count + more
        wait_for(lambda: self.hammer.count >= wanted, f"{more} more acks", seconds)

    def during(self, seconds):
        """The load goes on."""
        time.sleep(seconds)

    def http_goes_on_for(self, seconds):
        """While RabbitMQ takes nothing from anybody, what comes over HTTP is accepted all the same."""
        begun = time.time()
        self.during(seconds)
        names = [ack["by"] for ack in lines(self.hammer.folder / "acks.jsonl") if ack["at"] > begun + 1]
        self.assertTrue([name for name in names if name.startswith("http")], "no ack over HTTP while publishers to RabbitMQ are blocked")

    def judged(self, since=None, silence=None):
        """Ends the load and holds the verdict; silence: the longest pause in acks that is allowed since then."""
        ended = time.time()
        self.hammer.stop()
        evidence, faults = judge_run(self.cluster, self.hammer)
        acks = lines(self.hammer.folder / "acks.jsonl")
        pause = longest_silence(acks, since or self.begun, ended)
        amqp = sum(ack["by"].startswith("amqp") for ack in acks)
        say(f"{self._testMethodName}: {len(acks)} acks ({amqp} from AMQP submitters), {len(evidence.records)} records, {len(evidence.checkpoints)} "
            f"checkpoints, longest pause {pause:.1f} s, {time.time() - self.begun:.0f} s in all: {len(faults)} faults")
        if silence is not None and pause > silence:
            faults.append(f"no ack for {pause:.1f} s, more than {silence:g} s")
        if faults:
            type(self).failed = True
            self.fail("\n".join(faults[:40]))
        self.assertGreater(amqp, 0)
        self.assertLess(amqp, len(acks))

    # --- the cases

    def test_01_nothing_goes_wrong(self):
        self.during(4)
        self.judged(silence=5)

    def test_02_a_broker_is_killed(self):
        self.cluster.kill("broker1")
        self.acked(15)
        self.cluster.restart("broker1")
        self.cluster.kill("broker2")
        self.acked(15)
        self.cluster.restart("broker2")
        self.acked(10)
        self.judged()

    def test_03_a_worker_dies_between_effect_and_report(self):
        for name in self.cluster.adapters:
            self._exits_before_report(name)
        self.acked(10)
        self.judged()

    def _exits_before_report(self, name):
        adapter = self.cluster.member(name)
        adapter.stop()
        adapter.start({"FABU_FAULT": "exit-before-report:2"})
        # The single active consumer of a partition may be the other worker: once that one leaves, the work comes here.
        other = next(one for one in self.cluster.adapters.values() if one.channel == adapter.channel and one is not adapter)
        adapter.wait()
        other.stop()
        wait_for(lambda: not adapter.process.running(), f"{name} to exit before its report", 60, adapter.log)
        other.start()
        adapter.start()
        other.wait()
        adapter.wait()
        self.cluster.save()

    def test_04_the_leader_of_the_queues_is_killed(self):
        leader = self.cluster.nodes["mq2"].leader_of("fabu.items") or "mq1"
        self.cluster.kill(leader)
        self.acked(25)
        self.cluster.restart(leader)
        self.acked(10)
        self.judged()

    def test_05_a_broker_is_cut_off_from_rabbitmq(self):
        self.cluster.partition(["broker1"], NODES)
        self.during(10)
        self.cluster.heal()
        self.acked(25)
        self.judged()

    def test_06_a_broker_is_cut_off_from_postgresql(self):
        for broker in self.cluster.brokers:
            self.cluster.partition([broker], SERVERS)
            self.during(8)
            self.cluster.heal()
            self.acked(10)
        self.judged()

    def test_07_postgresql_is_restarted(self):
        self.cluster.restart(self.cluster.primary().name)
        self.acked(25)
        self.judged()

    def test_08_postgresql_fails_over_to_its_standby(self):
        before = self.cluster.primary().name
        after = self.cluster.failover()
        self.assertNotEqual(before, after)
        self.acked(25)
        self.judged()

    def test_09_a_node_of_rabbitmq_has_a_full_disk(self):
        """Its log cannot be written any more: RabbitMQ stops all publishers until a person ends the node, makes room and starts it again."""
        node = self.cluster.nodes["mq3"]
        node.fill_disk()
        self.http_goes_on_for(8)
        self.cluster.kill("mq3")
        self.acked(20)
        node.free_disk()
        self.cluster.restart("mq3")
        self.acked(10)
        self.judged()

    def test_10_rabbitmq_has_a_memory_alarm(self):
        node = self.cluster.nodes["mq2"]
        node.memory_alarm(True)
        self.http_goes_on_for(8)
        node.memory_alarm(False)
        self.acked(20)
        self.judged()

    def test_11_everything_of_fabu_is_restarted_in_turn(self):
        since = time.time()
        for name in (*self.cluster.brokers, *self.cluster.adapters):
            self.cluster.restart(name)
        self.acked(10)
        self.judged(since, silence=5)

    def test_12_a_leader_is_stuck(self):
        for broker in self.cluster.brokers:
            self.cluster.stop(broker)
            self.acked(15)
            self.during(6)
            self.cluster.cont(broker)
            self.acked(5)
        self.judged()


if __name__ == "__main__":
    skip_unless_permitted()
    unittest.main(verbosity=2, failfast="--failfast" in sys.argv)
