"""The Containerfile and compose.yaml: every file, verb, setting, port, service and secret that they name is there. No container engine is
needed."""
import os
import re
import shlex
import tempfile
import unittest

import yaml

from packaged import FABU, PACKAGING, SOURCE, run, verbs

CONTAINER = PACKAGING / "container"


def words(command):
    """A command's words, those that a shell within it is given too."""
    if isinstance(command, str):
        return shlex.split(command)
    return [word for part in command or [] for word in (shlex.split(part) if " " in part else [part])]


def mounts(service):
    for volume in service.get("volumes", []):
        yield volume.split(":")[:2]


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compose = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
        cls.services = cls.compose["services"]
        cls.ours = {name: service for name, service in cls.services.items() if service["image"] == "localhost/fabu"}

    def test_has_the_whole_installation(self):
        self.assertEqual(set(self.services), {"postgres", "rabbitmq", "broker1", "broker2", "keys", "website", "noticeboard", "nginx"})

    def test_waits_only_for_services_that_there_are_and_that_tell_their_health(self):
        for name, service in self.services.items():
            for other, how in service.get("depends_on", {}).items():
                self.assertIn(other, self.services, name)
                if how["condition"] == "service_healthy":
                    self.assertIn("test", self.services[other]["healthcheck"], f"{name} waits for {other}")

    def test_every_file_that_it_mounts_is_there(self):
        for name, service in self.services.items():
            for source, _ in mounts(service):
                if "/" in source:
                    self.assertTrue((CONTAINER / source).is_file(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.compose["volumes"], name)

    def test_every_secret_is_made_by_make_secrets(self):
        with tempfile.TemporaryDirectory(prefix="fabu-secrets-") as home:
            run("cp", CONTAINER / "make-secrets", home)
            for _ in range(2):
                run(f"{home}/make-secrets")
            for name, secret in self.compose["secrets"].items():
                self.assertGreater(os.path.getsize(os.path.join(home, secret["file"])), 0, name)
            self.assertEqual(os.stat(f"{home}/secrets").st_mode & 0o777, 0o700)
        for name, service in self.services.items():
            for secret in service.get("secrets", []):
                self.assertIn(secret if isinstance(secret, str) else secret["source"], self.compose["secrets"], name)

    def test_runs_verbs_and_options_that_there_are(self):
        known = verbs()
        for name, service in self.ours.items():
            line = words(service["command"])
            verb = line[line.index("fabu") + 1] if "fabu" in line else line[0]
            self.assertIn(verb, known, name)
        key = " ".join(words(self.services["keys"]["command"]))
        for option in re.findall(r"--[a-z]+", key):
            self.assertIn(option, run(FABU, "key", "create", "--help").stdout)

    def test_the_configurations_have_no_faults(self):
        for name in ("fabu-broker.yaml", "fabu-adapter.yaml"):
            run(FABU, "config", "check", CONTAINER / name)

    def test_ports_and_names_agree(self):
        for name in ("fabu-broker.yaml", "fabu-adapter.yaml"):
            config = yaml.safe_load((CONTAINER / name).read_text(encoding="utf-8"))
            self.assertEqual(config["listen"], "0.0.0.0:8080")
            for address in [config.get("store"), *config["rabbitmq"]["servers"], config.get("broker", {}).get("url")]:
                if address:
                    self.assertIn(re.search(r"//(?:\w+@)?([\w-]+)", address).group(1), self.services)
            self.assertIn(config["rabbitmq"]["password_file"].removeprefix("/tmp/secrets/"), self.compose["secrets"])
        for host, port in re.findall(r"server ([\w-]+):(\d+)", (CONTAINER / "nginx-brokers.conf").read_text(encoding="utf-8")):
            self.assertIn(host, self.ours)
            self.assertEqual(port, "8080")
        self.assertIn("EXPOSE 8080", (CONTAINER / "Containerfile").read_text(encoding="utf-8"))

    def test_runs_on_a_root_that_cannot_be_written_and_without_privileges(self):
        for name, service in self.ours.items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual((service["cap_drop"], service["security_opt"]), (["ALL"], ["no-new-privileges:true"]), name)

    def test_nginx_has_the_upstreams_that_the_example_names(self):
        example = (SOURCE / "docs" / "examples" / "nginx.conf").read_text(encoding="utf-8")
        for upstream in set(re.findall(r"proxy_pass http://(\w+)", example)):
            self.assertIn(f"upstream {upstream} ", (CONTAINER / "nginx-brokers.conf").read_text(encoding="utf-8"))


class Containerfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = re.sub(r"\\\n", " ", (CONTAINER / "Containerfile").read_text(encoding="utf-8"))
        cls.lines = [line for line in cls.text.splitlines() if line and not line.startswith("#")]

    def test_has_only_instructions(self):
        for line in self.lines:
            self.assertRegex(line, r"^(FROM|ENV|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD) ")

    def test_copies_what_there_is(self):
        for line in self.lines:
            if line.startswith("COPY ") and "--from" not in line:
                for source in line.split()[1:-1]:
                    self.assertTrue((SOURCE / source).exists(), line)

    def test_every_shell_line_parses(self):
        for line in self.lines:
            if line.startswith("RUN "):
                run("sh", "-n", "-c", line[4:])

    def test_installs_the_package_and_runs_as_its_user(self):
        last = self.text[self.text.rindex("FROM "):]
        self.assertRegex(last, r"COPY --from=build \S+\.deb")
        self.assertRegex(last, r"apt-get install .*fabu_\*\.deb")
        self.assertIn("USER fabu:fabu", last)
        self.assertIn("HEALTHCHECK", last)

    def test_builds_by_a_preset_an_option_and_a_target_that_there_are(self):
        self.assertIn('"release"', (SOURCE / "CMakePresets.json").read_text(encoding="utf-8"))
        self.assertIn("option(FABU_TESTS", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.assertIn("add_custom_target(fabu_package", (SOURCE / "scripts" / "cmake" / "package.cmake").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
