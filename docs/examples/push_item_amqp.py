#!/usr/bin/env python3
"""Pushes one item to fabu over RabbitMQ and waits for its receipt. Needs: apt-get install python3-pika python3-protobuf protobuf-compiler

    AMQP_SERVERS=mq1,mq2 AMQP_USER=ggj AMQP_PASSWORD=… /usr/bin/python3 docs/examples/push_item_amqp.py
"""
import datetime, os, pathlib, subprocess, sys, tempfile, time, uuid
import pika

# The contract, compiled here and now; a real system keeps the generated files.
proto = os.environ.get("FABU_PROTO", str(pathlib.Path(__file__).resolve().parents[2] / "proto"))
generated = tempfile.mkdtemp()
subprocess.run(["protoc", f"-I{proto}", f"--python_out={generated}", *(f"fabu/v1/{n}.proto" for n in ("item", "delivery", "audit", "api"))], check=True)
sys.path.insert(0, generated)
from fabu.v1 import api_pb2, item_pb2  # noqa: E402

user, servers = os.environ["AMQP_USER"], os.environ["AMQP_SERVERS"].split(",")
item = item_pb2.Item(
    department=user, reference=os.environ.get("REFERENCE", "EXAMPLE-AMQP-1"),  # your own number: sending it again is safe
    catalogue_entry=os.environ.get("ENTRY", "BJ-ORG_FUNCTION"), title="澄州市公共资源交易管理局机构职能",
    publisher=item_pb2.Organization(name="澄州市公共资源交易管理局", uscc="11349900MB1K27N4XP"),
    formed_date=datetime.date.today().isoformat(), responsible_section="办公室", responsible_person="经办人A",
    summary="主要职责、内设机构和联系方式。", keywords=["机构职能"],
    body=item_pb2.Body(format=item_pb2.BODY_FORMAT_MARKDOWN, text="**主要职责**\n\n负责全市公共资源交易的监督管理。\n"))


def ask(server):
    """Sends the item and gives its receipt, or the problem with it; TimeoutError when the answer does not come."""
    host, _, port = server.partition(":")
    with pika.BlockingConnection(pika.ConnectionParameters(host, int(port or 5672), "fabu", pika.PlainCredentials(user, os.environ["AMQP_PASSWORD"]),
                                                           heartbeat=10)) as connection:
        channel, number = connection.channel(), uuid.uuid4().hex
        channel.confirm_delivery()
        replies = channel.queue_declare(f"fabu.reply.{user}.{number}", exclusive=True).method.queue
        channel.basic_publish("fabu.items", "item", item.SerializeToString(), pika.BasicProperties(
            content_type="application/protobuf", type="fabu.v1.Item", delivery_mode=2, user_id=user, reply_to=replies, correlation_id=number),
            mandatory=True)  # back only when RabbitMQ has it safe; raises when no broker of fabu is set up
        for _, properties, body in channel.consume(replies, auto_ack=True, inactivity_timeout=20):
            if properties is None:
                raise TimeoutError(f"no answer from {server}")
            if properties.correlation_id == number:
                return getattr(api_pb2, properties.type.removeprefix("fabu.v1.")).FromString(body)


for attempt in range(20):  # whatever is lost on the way: the same again, until the receipt is here
    try:
        answer = ask(servers[attempt % len(servers)])
        if getattr(answer, "status", 0) not in (429, 503):
            break
    except (pika.exceptions.AMQPError, OSError) as fault:
        print(f"again, after {fault!r}", file=sys.stderr)
    time.sleep(1)
else:
    sys.exit("no receipt; run this again later")
if isinstance(answer, api_pb2.Problem):
    sys.exit("\n".join([f"{answer.status}: {answer.detail}", *(f"  {e.path}: {e.what} {e.todo}" for e in answer.errors)]))
print(f"{answer.index_no} item {answer.item_id} edition {answer.edition} log index {answer.log_index}")
