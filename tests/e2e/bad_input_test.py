"""Bad input against the built server: each kind gets a clear 4xx that says what is wrong and what to do, and the server stays well."""
import hashlib
import io
import json
import re
import socket
import unittest
import urllib.parse
import zipfile

from broker import Broker, eventually, fetch
from material import any_sample, item_like

JSON = "application/json"
PROTOBUF = "application/x-protobuf"


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.sample = any_sample()
        cls.auth = {"Authorization": "Bearer " + cls.broker.key(cls.sample["department"], "submit", "read")}
        address = urllib.parse.urlsplit(cls.broker.url)
        cls.address = (address.hostname, address.port)

    def tearDown(self):
        """After whatever came: the server answers, takes a good item, and its process is the one that was started."""
        self.assertIsNone(self.broker.process.poll())
        good = item_like(self.sample, "GOOD-" + self.id().rsplit(".", 1)[1])
        self.assertIn(self.post(json.dumps(good).encode(), JSON)[0], (200, 201))
        self.assertEqual(fetch(self.broker.url + "/readyz")[0], 200)

    def post(self, body, media_type, path="/v1/items"):
        return fetch(self.broker.url + path, "POST", body, {**self.auth, "Content-Type": media_type})

    def refused(self, answer, status, *paths):
        """A problem (RFC 9457) of this status that names each of these fields and says what to do."""
        got, headers, body = answer
        self.assertEqual(got, status, body)
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        problem = json.loads(body)
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["type"] and problem["title"] and problem["detail"], problem)
        faults = {fault.get("path", ""): fault for fault in problem.get("errors", [])}
        for path in paths:
            self.assertIn(path, faults)
            for word in ("rule", "what", "whatZh", "todo", "todoZh"):
                self.assertTrue(faults[path].get(word), f"{path} lacks {word}: {faults[path]}")
        return problem

    def submit(self, **changes):
        return self.post(json.dumps(item_like(self.sample, "BAD-1", **changes)).encode(), JSON)

    def test_truncated_protobuf(self):
        whole = b"\x0a\x03ggj\x12\x05BAD-1\x2a\x40title"  # field 5 says 64 bytes and has 5
        problem = self.refused(self.post(whole, PROTOBUF), 400, "title")
        self.assertNotIn("BAD-1", json.dumps(problem))

    def test_random_bytes_as_protobuf_and_as_json(self):
        noise = bytes((i * 7919 + 13) % 256 for i in range(5000))
        self.refused(self.post(noise, PROTOBUF), 400)
        self.refused(self.post(noise, JSON), 400)

    def test_broken_json_names_its_place(self):
        problem = self.refused(self.post(b'{"department": "ggj",\n "title": }', JSON), 400)
        self.assertRegex(json.dumps(problem), r"line 2|2:\d+")

    def test_wrong_types_are_named_with_their_fields(self):
        item = item_like(self.sample, "BAD-1", title=["a", "list"], keywords="not a list")
        self.refused(self.post(json.dumps(item).encode(), JSON), 400, "title", "keywords")

    def test_unknown_keys_are_named(self):
        item = {**item_like(self.sample, "BAD-1"), "titel": "x"}
        self.refused(self.post(json.dumps(item).encode(), JSON), 400, "titel")

    def test_invalid_utf8(self):
        good = json.dumps(item_like(self.sample, "BAD-1", title="标题"), ensure_ascii=False).encode()
        self.refused(self.post(good.replace("标题".encode(), b"\xff\xfe\xc3\x28"), JSON), 400)
        self.refused(self.post(b"\x0a\x03ggj\x12\x05BAD-1\x2a\x04\xff\xfe\xc3\x28", PROTOBUF), 400, "title")

    def test_unknown_catalogue_code(self):
        self.refused(self.submit(catalogue_entry="ZC-NO_SUCH_THING"), 422, "catalogue_entry")

    def test_missing_fields_are_all_told_at_once(self):
        self.refused(self.submit(title=None, publisher=None, body=None, formed_date=None), 422, "title", "publisher.name", "body.text", "formed_date")

    def test_future_dates(self):
        self.refused(self.submit(formed_date="2999-01-01"), 422, "formed_date")

    def test_impossible_dates(self):
        self.refused(self.submit(formed_date="2026-02-30"), 422, "formed_date")

    def test_a_body_of_a_hundred_megabytes(self):
        self.refused(self.post(b"x" * (100 << 20), JSON), 413)

    def test_a_declared_body_of_a_terabyte_is_refused_before_it_is_sent(self):
        with socket.create_connection(self.address, timeout=30) as client:
            head = f"POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: {1 << 40}\r\n"
            client.sendall((head + f"Authorization: {self.auth['Authorization']}\r\n\r\n").encode())
            self.assertRegex(client.recv(4096), rb"^HTTP/1\.1 413 ")

    def test_a_media_type_that_is_not_taken(self):
        self.refused(self.post(b"<item/>", "text/xml"), 415)

    def test_a_zip_bomb_is_not_kept(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for part in range(4):
                archive.writestr(f"sheet{part}.xml", b"\0" * (64 << 20))
        bomb = packed.getvalue()
        self.assertLess(len(bomb), 1 << 20)
        url = self.broker.url + "/v1/attachments/" + hashlib.sha256(bomb).hexdigest()
        self.refused(fetch(url, "PUT", bomb, {**self.auth, "Content-Type": "application/zip"}), 422)
        self.assertEqual(fetch(url, headers=self.auth)[0], 404)

    def test_an_attachment_that_is_another_file(self):
        url = self.broker.url + "/v1/attachments/" + hashlib.sha256(b"this").hexdigest()
        self.refused(fetch(url, "PUT", b"that", {**self.auth, "Content-Type": "application/octet-stream"}), 422)

    def test_an_item_that_names_an_attachment_nobody_sent(self):
        attachment = {"name": "a.pdf", "mediaType": "application/pdf", "size": "4", "sha256": hashlib.sha256(b"gone").hexdigest()}
        self.refused(self.submit(attachments=[attachment]), 422, "attachments[0].sha256")

    def test_slow_clients_are_cut_and_told_while_others_are_served(self):
        slow = []
        for _ in range(50):
            client = socket.create_connection(self.address, timeout=60)
            client.sendall(b"POST /v1/items HTTP/1.1\r\nHost: x\r\nX-")
            slow.append(client)
        self.assertEqual(fetch(self.broker.url + "/healthz")[0], 200)
        for client in slow:
            with client:
                said = b""
                while piece := client.recv(4096):
                    said += piece
                self.assertTrue(re.match(rb"HTTP/1\.1 408 ", said), said[:100])

    def test_refusals_are_counted_and_the_log_with_them_verifies(self):
        def refused():
            text = fetch(self.broker.url + "/metrics")[2].decode()
            return int(re.search(r'fabu_submissions_total\{outcome="refused"\} (\d+)', text).group(1))

        before = refused()
        self.submit(title=None)
        self.post(b"{", JSON)
        self.post(b"<item/>", "text/xml")
        self.assertEqual(refused(), before + 3)
        eventually(lambda: int(fetch(self.broker.url + "/log/checkpoint")[2].splitlines()[1]) >= 3, "the refusals to be sealed", 10)
        self.broker.fabu("audit", "verify", self.broker.url + "/log")


if __name__ == "__main__":
    unittest.main(verbosity=2)
