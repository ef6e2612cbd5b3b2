"""docs/examples/nginx.conf in a real nginx before a real broker: what it passes, what it keeps back, what it adds."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from broker import Broker, eventually, samples  # noqa: E402
from packaged import SOURCE, run  # noqa: E402

EXAMPLES = SOURCE / "docs" / "examples"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.home = cls.broker.home / "nginx"
        cls.home.mkdir()
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-keyout", cls.home / "fabu.key", "-out", cls.home / "fabu.crt")
        cls.plain, cls.tls, dead = free_port(), free_port(), free_port()
        site = (EXAMPLES / "nginx.conf").read_text(encoding="utf-8")
        for old, new in ((r"listen 80;", f"listen 127.0.0.1:{cls.plain};"), (r"listen 443 ", f"listen 127.0.0.1:{cls.tls} "),
                         (r"listen \[::\][^;]*;", ""), (r"/etc/nginx/fabu\.", f"{cls.home}/fabu."),
                         (r"/var/lib/fabu/site", str(cls.broker.data / "site"))):
            site, count = re.subn(old, new, site)
            assert count, old
        # The first of two brokers is down.
        brokers = (EXAMPLES / "nginx-brokers.conf").read_text(encoding="utf-8")
        listening = cls.broker.url.removeprefix("http://")
        brokers = brokers.replace("server 127.0.0.1:8080", f"server 127.0.0.1:{dead}", 1).replace("127.0.0.1:8080", listening)
        brokers = brokers.replace("# server broker2.example.gov.cn:8080", f"server {listening}")
        (cls.home / "site.conf").write_text(site, encoding="utf-8")
        (cls.home / "brokers.conf").write_text(brokers, encoding="utf-8")
        user = "user root;" if os.getuid() == 0 else ""
        (cls.home / "nginx.conf").write_text(
            f"{user}\ndaemon off;\npid {cls.home}/pid;\nerror_log {cls.home}/error.log;\nevents {{}}\nhttp {{\n"
            "include /etc/nginx/mime.types;\naccess_log off;\n" +
            "".join(f"{what}_temp_path {cls.home}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) +
            f"include {cls.home}/brokers.conf;\ninclude {cls.home}/site.conf;\n}}\n", encoding="utf-8")
        cls.command = ["/usr/sbin/nginx", "-p", str(cls.home), "-e", str(cls.home / "error.log"), "-c", str(cls.home / "nginx.conf")]
        cls.checked = run(*cls.command, "-t", check=False)
        assert cls.checked.returncode == 0, cls.checked.stderr
        cls.nginx = subprocess.Popen(cls.command, stdin=subprocess.DEVNULL)
        cls.addClassCleanup(cls.stop)
        cls.receipts = cls.broker.submit_samples()
        cls.broker.settled()
        eventually(lambda: cls.get("/healthz")[0] == 200, "nginx")

    @classmethod
    def stop(cls):
        cls.nginx.terminate()
        cls.nginx.wait(20)
        shutil.rmtree(cls.home, ignore_errors=True)

    @classmethod
    def get(cls, path, method="GET", body=None, **headers):
        """(status, headers, bytes) over TLS."""
        trust = ssl.create_default_context(cafile=str(cls.home / "fabu.crt"))
        request = urllib.request.Request(f"https://localhost:{cls.tls}{path}", data=body, method=method, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()
        except urllib.error.URLError:
            return 0, {}, b""

    def item(self):
        """One with attachments, which no test withdraws."""
        return next(self.receipts[name]["itemId"] for name, sample in samples().items() if sample.get("attachments"))

    def test_nginx_finds_no_fault(self):
        self.assertIn("test is successful", self.checked.stderr)
        self.assertNotIn("[warn]", self.checked.stderr)

    def test_pages_are_served_from_the_folder_with_every_header_once(self):
        for path in ("/", f"/items/{self.item()}/", "/feed.atom", "/search?q=2026"):
            status, headers, _ = self.get(path)
            self.assertEqual(status, 200, path)
            for name in ("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"):
                self.assertEqual(len(headers.get_all(name) or []), 1, f"{path}: {name}")
        self.assertNotIn("Content-Disposition", self.get("/")[1])

    def test_attachments_are_downloads(self):
        found = [p for p in (self.broker.data / "site").rglob("attachments/*") if p.is_file()]
        self.assertTrue(found)
        path = urllib.request.pathname2url("/" + str(found[0].relative_to(self.broker.data / "site")))
        status, headers, _ = self.get(path)
        self.assertEqual((status, headers["Content-Disposition"], headers["X-Content-Type-Options"]), (200, "attachment", "nosniff"))

    def test_what_is_missing_has_the_sites_own_page(self):
        status, _, body = self.get("/items/999999/")
        self.assertEqual(status, 404)
        self.assertEqual(body, (self.broker.data / "site" / "404.html").read_bytes())

    def test_hidden_files_are_not_there(self):
        for path in ("/.staging/", "/.git/config", "/items/.gone"):
            self.assertEqual(self.get(path)[0], 404, path)

    def test_monitoring_and_keys_are_not_passed_through(self):
        for path in ("/metrics", "/readyz", "/v1/keys"):
            self.assertEqual(self.get(path)[0], 404, path)

    def test_the_log_and_the_api_document_are_public(self):
        for path in ("/log/checkpoint", "/openapi.json", "/problems", "/healthz"):
            self.assertEqual(self.get(path)[0], 200, path)
        self.assertEqual(self.get("/log/checkpoint", "POST", b"x")[0], 403)

    def test_items_and_large_attachments_are_taken_in_though_one_broker_is_down(self):
        bearer = {"Authorization": "Bearer " + self.broker.key("ggj", "submit", "read")}
        bytes_of_a_page = b"%PDF-1.4\n" + b"x" * (5 << 20)
        digest = hashlib.sha256(bytes_of_a_page).hexdigest()
        for _ in range(3):
            status, _, body = self.get(f"/v1/attachments/{digest}", "PUT", bytes_of_a_page, **bearer, **{"Content-Type": "application/pdf"})
            self.assertIn(status, (200, 201), body)
            self.assertEqual(self.get("/v1/items", **bearer)[0], 200)
        status, _, body = self.get("/v1/items", "POST", b"{}", **bearer, **{"Content-Type": "application/json"})
        self.assertEqual(status, 422, body)
        self.assertTrue(json.loads(body)["errors"])
        self.assertEqual(self.get("/v1/items", "POST", b" " * (3 << 20), **bearer, **{"Content-Type": "application/json"})[0], 413)

    def test_plain_http_is_sent_to_tls(self):
        with socket.create_connection(("127.0.0.1", self.plain), 10) as line:
            line.sendall(b"GET /items/1/?a=b HTTP/1.0\r\nHost: ggj.example.gov.cn\r\n\r\n")
            answer = line.makefile("rb").read().decode()
        self.assertIn(" 301 ", answer)
        self.assertIn("Location: https://ggj.example.gov.cn/items/1/?a=b", answer)

    def test_searching_too_fast_is_slowed_down(self):
        statuses = [self.get("/search?q=2026")[0] for _ in range(60)]
        self.assertIn(429, statuses)
        self.assertEqual(self.get("/")[0], 200)

    def test_a_withdrawn_item_is_gone(self):
        item = next(self.receipts[name]["itemId"] for name, sample in samples().items() if not sample.get("attachments"))
        self.broker.fabu("items", "withdraw", item, "--reason", "x", "--data", self.broker.data)
        self.broker.settled()
        status, _, body = self.get(f"/items/{item}/")
        self.assertEqual(status, 410)
        self.assertEqual(body, (self.broker.data / "site" / "items" / str(item) / "index.html").read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
