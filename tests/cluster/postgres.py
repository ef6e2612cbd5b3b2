"""PostgreSQL of a cluster: a primary and a synchronous streaming standby, each in its own place."""
import os
import pathlib
import shutil
import signal

from processes import Failed, Process, tail, wait_for

BIN = "/usr/lib/postgresql/15/bin/"
AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
PORT = 5432
# A peer that is gone is noticed within ten seconds, so that the locks of its sessions are free: what an installation should set, too.
SETTINGS = f"""listen_addresses = '*'
port = {PORT}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 64MB
synchronous_commit = on
wal_level = replica
hot_standby = on
max_wal_size = 256MB
wal_keep_size = 64MB
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_receiver_status_interval = 1s
tcp_keepalives_idle = 3
tcp_keepalives_interval = 2
tcp_keepalives_count = 3
tcp_user_timeout = 9s
log_line_prefix = '%m [%p] %a '
"""
ACCESS = "local all all trust\nhost all all all trust\nhost replication all all trust\n"


class Server:
    def __init__(self, place, folder, process=None):
        self.place, self.name = place, place.name
        self.cluster = folder
        self.folder = pathlib.Path(folder, place.name)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.process = process

    def run(self, tool, *words, seconds=60.0, check=True):
        return self.place.run(*AS_POSTGRES, BIN + tool, *words, seconds=seconds, check=check)

    def sql(self, text, database="postgres"):
        return self.run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", database,
                        "-c", text).stdout.strip()

    def empty(self):
        if not os.path.exists(BIN + "postgres"):
            raise Failed("missing: postgresql-15 (scripts/install-packages test)")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        shutil.chown(self.folder, "postgres", "postgres")

    def make(self):
        """A new primary."""
        self.empty()
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.write("postgresql.conf", SETTINGS)
        self.write("pg_hba.conf", ACCESS)
        self.start()
        self.sql("CREATE ROLE fabu LOGIN")
        self.sql("CREATE DATABASE fabu OWNER fabu")

    def follow(self, primary):
        """A new standby of the primary, whose commits wait for it from then on."""
        self.empty()
        self.run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
                 "-d", f"host={primary.name} port={PORT} user=postgres application_name={self.name}")
        self.start()
        primary.waits_for(self.name)
        wait_for(lambda: primary.sync_state(self.name) == "sync", f"{self.name} to follow {primary.name}", 30, self.log)

    def write(self, file, text):
        path = self.data / file
        path.write_text(text, encoding="utf-8")
        shutil.chown(path, "postgres", "postgres")

    def waits_for(self, standby):
        """Whose flush each commit waits for; '' for nobody's."""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        self.sql("SELECT pg_reload_conf()")

    def sync_state(self, standby):
        return self.sql(f"SELECT sync_state FROM pg_stat_replication WHERE application_name = '{standby}' AND state = 'streaming'")

    def start(self):
        self.process = Process.start(self.place.enter(*AS_POSTGRES, BIN + "postgres", "-D", self.data), self.log, self.cluster)

        def ready():
            if not self.process.running():
                raise Failed(f"{self.name} ended while it was starting\n{tail(self.log)}")
            return self.run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(PORT), check=False).returncode == 0
        wait_for(ready, f"{self.name} to accept connections", 60, self.log, pause=0.1)

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast shutdown; SIGQUIT: as if it had crashed."""
        self.process.stop(how)

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "30", "promote")
        self.waits_for("")

    def primary(self):
        return self.sql("SELECT pg_is_in_recovery()") == "f"
