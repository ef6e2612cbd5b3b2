"""Submitters over HTTP and over AMQP. Each sends the same until it has its receipt, whatever breaks in between."""
import http.client
import json
import random
import time
import urllib.parse
import uuid

import pika
from google.protobuf import json_format

from contract import api_pb2


class Refused(Exception):
    """The broker's final no."""


class GaveUp(Exception):
    """No receipt within the deadline."""


PATIENCE = 120.0
BUSY = (429, 502, 503, 504)


class HttpSubmitter:
    def __init__(self, urls, key, patience=PATIENCE):
        self.urls, self.key, self.patience = list(urls), key, patience
        self.tries = 0  # of the last request

    def submit(self, item):
        return self._until_acked("/v1/items", item.SerializeToString())

    def withdraw(self, item_id, reason, of_edition):
        body = api_pb2.WithdrawRequest(reason=reason, of_edition=of_edition).SerializeToString()
        try:
            return self._until_acked(f"/v1/items/{item_id}/withdrawal", body)
        except Refused as fault:
            # It was withdrawn by an earlier try whose answer was lost; a withdrawal has no reference to be known by.
            if self.tries > 1 and str(fault).startswith("409 "):
                return api_pb2.SubmissionReceipt(item_id=item_id, edition=of_edition + 1)
            raise

    def _until_acked(self, path, body):
        deadline, last = time.monotonic() + self.patience, None
        self.tries = 0
        while time.monotonic() < deadline:
            self.tries += 1
            try:
                status, answer = self._post(random.choice(self.urls), path, body)
            except (OSError, http.client.HTTPException) as fault:
                status, answer = 0, repr(fault).encode()
            if status in (200, 201):
                return json_format.Parse(answer, api_pb2.SubmissionReceipt(), ignore_unknown_fields=True)
            last = f"{status} {answer.decode('utf-8', 'replace')[:300]}"
            if status and status not in BUSY:
                raise Refused(last)
            time.sleep(0.1)
        raise GaveUp(last)

    def _post(self, url, path, body):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=8)
        try:
            connection.request("POST", path, body, {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-protobuf",
                                                    "Accept": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def close(self):
        pass


class AmqpSubmitter:
    """Withdrawals have no message of their own: they go over HTTP."""

    def __init__(self, hosts, department, password, patience=PATIENCE):
        self.hosts, self.department, self.patience = list(hosts), department, patience
        self.credentials = pika.PlainCredentials(department, password)
        self.connection = self.channel = self.replies = None
        self.answers = {}

    def submit(self, item):
        body, deadline, last = item.SerializeToString(), time.monotonic() + self.patience, None
        while time.monotonic() < deadline:
            try:
                answer = self._ask(body)
            except (pika.exceptions.AMQPError, OSError) as fault:
                last = repr(fault)
                self.close()
                time.sleep(0.2)
                continue
            if isinstance(answer, api_pb2.SubmissionReceipt):
                return answer
            last = answer and json_format.MessageToJson(answer, ensure_ascii=False)
            if answer and answer.status not in BUSY:
                raise Refused(last)
        raise GaveUp(last)

    def _ask(self, body, seconds=10.0):
        """The receipt, a problem, or None when neither came."""
        if self.channel is None:
            self._connect()
        correlation = uuid.uuid4().hex
        properties = pika.BasicProperties(content_type="application/protobuf", type="fabu.v1.Item", delivery_mode=2, user_id=self.department,
                                          reply_to=self.replies, correlation_id=correlation)
        self.channel.basic_publish("fabu.items", "item", body, properties, mandatory=True)  # returns once RabbitMQ has it safe
        deadline = time.monotonic() + seconds
        while correlation not in self.answers and time.monotonic() < deadline:
            self.connection.process_data_events(time_limit=0.2)
        return self.answers.pop(correlation, None)

    def _connect(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            random.choice(self.hosts), virtual_host="fabu", credentials=self.credentials, heartbeat=6, socket_timeout=3,
            stack_timeout=6, blocked_connection_timeout=60))
        channel = self.connection.channel()
        channel.confirm_delivery()
        self.replies = f"fabu.reply.{self.department}.{uuid.uuid4().hex}"
        channel.queue_declare(self.replies, exclusive=True, auto_delete=True)
        channel.basic_consume(self.replies, self._answered, auto_ack=True)
        self.answers.clear()
        self.channel = channel

    def _answered(self, _channel, _method, properties, body):
        kind = {"fabu.v1.SubmissionReceipt": api_pb2.SubmissionReceipt, "fabu.v1.Problem": api_pb2.Problem}[properties.type]
        self.answers[properties.correlation_id] = kind.FromString(body)

    def close(self):
        try:
            if self.connection is not None:
                self.connection.close()
        except (pika.exceptions.AMQPError, OSError):
            pass
        self.connection = self.channel = None


def as_line(receipt, **more):
    """One ack as the checker reads it."""
    return json.dumps({**more, "item": receipt.item_id, "edition": receipt.edition, "digest": receipt.edition_digest,
                       "log_index": receipt.log_index}) + "\n"
