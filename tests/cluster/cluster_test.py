"""scripts/cluster with its servers alone: what it promises to break is broken, what it mends is whole, and nothing is left behind."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cluster import Cluster  # noqa: E402
from places import skip_unless_permitted  # noqa: E402
from processes import Failed, marked, wait_for  # noqa: E402

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "cluster"


def new_folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="fabu-ct-", dir="/tmp"))


def script(folder, *words, check=True):
    done = subprocess.run([SCRIPT, *words, "--dir", folder], capture_output=True, text=True, timeout=120, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder()
        script(cls.folder, "up", "--brokers", "0", "--small-disk", "mq3=64")
        cls.addClassCleanup(lambda: script(cls.folder, "down"))
        cls.cluster = Cluster.find(cls.folder)

    def reaches(self, one, other, port):
        command = ["timeout", "1", "bash", "-c", f"exec 3<>/dev/tcp/{self.cluster.address(other)}/{port}"]
        return self.cluster.places[one].run(*command, check=False).returncode == 0

    def test_all_are_there_and_status_tells_who_is_what(self):
        said = script(self.folder, "status").stdout
        states = {line.split()[0]: line.split()[-1] for line in said.splitlines()}
        self.assertEqual(states, {"mq1": "running", "mq2": "running", "mq3": "running", "pg1": "primary", "pg2": "standby"})

    def test_a_partition_is_real_and_heals(self):
        script(self.folder, "partition", "mq1", "pg1,pg2")
        self.addCleanup(script, self.folder, "heal")
        self.assertFalse(self.reaches("mq1", "pg1", 5432))
        self.assertFalse(self.reaches("pg2", "mq1", 5672))
        self.assertTrue(self.reaches("mq2", "pg1", 5432))
        self.assertIn("does not hear pg1, pg2", script(self.folder, "status").stdout)
        script(self.folder, "heal")
        self.assertTrue(self.reaches("mq1", "pg1", 5432))

    def test_the_standby_has_every_commit_when_it_takes_over(self):
        primary = self.cluster.primary()
        primary.sql("CREATE TABLE kept (number int); INSERT INTO kept SELECT generate_series(1, 1000)", "fabu")
        name = script(self.folder, "failover").stdout.strip()
        cluster = Cluster.find(self.folder)
        self.assertNotEqual(name, primary.name)
        self.assertEqual(cluster.primary().name, name)
        self.assertEqual(cluster.primary().sql("SELECT count(*) FROM kept", "fabu"), "1000")
        self.assertEqual(cluster.primary().sync_state(primary.name), "sync")
        script(self.folder, "failover")  # and back, for the other tests

    def test_a_killed_node_comes_back(self):
        script(self.folder, "kill", "mq2")
        self.assertFalse(self.reaches("mq1", "mq2", 5672))
        script(self.folder, "restart", "mq2")
        self.assertTrue(self.reaches("mq1", "mq2", 5672))

    def test_alarms_come_and_go(self):
        def alarms():
            return self.cluster.nodes["mq1"].evaluate("rabbit_alarm:get_alarms().")
        script(self.folder, "memory-alarm", "mq2", "on")
        self.addCleanup(script, self.folder, "memory-alarm", "mq2", "off")
        wait_for(lambda: "memory,rabbit@mq2" in alarms(), "the memory alarm", 20)
        script(self.folder, "memory-alarm", "mq2", "off")
        wait_for(lambda: "memory" not in alarms(), "the end of the memory alarm", 20)
        script(self.folder, "fill-disk", "mq3")
        self.addCleanup(script, self.folder, "free-disk", "mq3")
        wait_for(lambda: "disk,rabbit@mq3" in alarms(), "the disk alarm", 20)
        script(self.folder, "free-disk", "mq3")
        wait_for(lambda: "disk" not in alarms(), "the end of the disk alarm", 30)

    def test_a_disk_that_others_use_is_not_filled(self):
        done = script(self.folder, "fill-disk", "mq1", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--small-disk mq1=", done.stderr)

    def test_departments_may_only_submit(self):
        rights = self.cluster.nodes["mq1"].control("list_permissions", "-p", "fabu", "--no-table-headers")
        rows = {row.split("\t")[0]: row.split("\t")[1:] for row in rights.splitlines()}
        self.assertEqual(rows["fabu"], [".*", ".*", ".*"])
        self.assertEqual(rows["jyk"], [r"^fabu\.reply\.jyk\..*$", r"^(fabu\.items|fabu\.reply\.jyk\..*)$", r"^fabu\.reply\.jyk\..*$"])

    def test_the_loopback_leads_to_it(self):
        import socket
        host, _, port = self.cluster.addresses["mq1"].partition(":")
        with socket.create_connection((host, int(port)), 5) as to_node:
            to_node.sendall(b"AMQP\1\1\0\7")
            self.assertEqual(to_node.recv(4), b"AMQP")


class Remains(unittest.TestCase):
    def test_nothing_is_left_when_the_script_is_killed_while_it_starts(self):
        folder = new_folder()
        up = subprocess.Popen([SCRIPT, "up", "--brokers", "0", "--dir", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: any((folder / "pg1").glob("data/PG_VERSION")) and (folder / "mq1" / "log").exists(), "the servers to start", 30)
        os.kill(up.pid, signal.SIGKILL)
        up.wait()
        self.assertTrue(marked(folder))
        script(folder, "down")
        self.assertEqual(marked(folder), [])
        self.assertFalse(folder.exists())

    def test_a_guarded_cluster_goes_down_with_its_program(self):
        folder = new_folder()
        program = f"import sys; sys.path.insert(0, {str(SCRIPT.parents[1] / 'tests' / 'cluster')!r}); from cluster import Cluster; "
        program += f"Cluster.up({str(folder)!r}, brokers=0, nodes=1, servers=1, guarded=True)"
        up = subprocess.Popen([sys.executable, "-B", "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: (folder / "mq1" / "log").exists(), "the servers to start", 30)
        os.kill(up.pid, signal.SIGKILL)
        up.wait()
        wait_for(lambda: not folder.exists(), "the guard to take it down", 20)
        self.assertEqual(marked(folder), [])

    def test_a_second_cluster_in_the_same_folder_is_refused_and_strange_folders_are_left_alone(self):
        folder = new_folder()
        (folder / "of somebody").touch()
        self.assertIn("is not empty", script(folder, "up", check=False).stderr)
        script(folder, "down")
        self.assertTrue((folder / "of somebody").exists())
        (folder / "of somebody").unlink()
        folder.rmdir()

    def test_a_name_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(Failed, "no cluster in"):
            Cluster.find("/tmp/fabu-no-such-cluster")


if __name__ == "__main__":
    skip_unless_permitted()
    unittest.main(verbosity=2)
