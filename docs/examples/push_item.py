#!/usr/bin/env python3
"""Pushes one item to fabu as protobuf. Needs: apt-get install python3-protobuf protobuf-compiler

    FABU_SERVER=http://127.0.0.1:8080 FABU_KEY=… /usr/bin/python3 docs/examples/push_item.py
"""
import datetime
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

# The contract, compiled here and now; a real system keeps the generated files.
proto = os.environ.get("FABU_PROTO", str(pathlib.Path(__file__).resolve().parents[2] / "proto"))
generated = tempfile.mkdtemp()
subprocess.run(["protoc", f"-I{proto}", f"--python_out={generated}", "fabu/v1/item.proto", "fabu/v1/delivery.proto",
                "fabu/v1/audit.proto", "fabu/v1/api.proto"], check=True)
sys.path.insert(0, generated)
from fabu.v1 import item_pb2, api_pb2  # noqa: E402
from google.protobuf import json_format  # noqa: E402

item = item_pb2.Item(
    department=os.environ.get("DEPARTMENT", "ggj"),
    reference=os.environ.get("REFERENCE", "EXAMPLE-PY-1"),  # your own number: sending it again is safe
    catalogue_entry=os.environ.get("ENTRY", "BJ-ORG_FUNCTION"),
    title="澄州市公共资源交易管理局机构职能",
    publisher=item_pb2.Organization(name="澄州市公共资源交易管理局", uscc="11349900MB1K27N4XP"),
    formed_date=datetime.date.today().isoformat(),
    responsible_section="办公室",
    responsible_person="经办人A",
    summary="主要职责、内设机构和联系方式。",
    keywords=["机构职能"],
    body=item_pb2.Body(format=item_pb2.BODY_FORMAT_MARKDOWN, text="**主要职责**\n\n负责全市公共资源交易的监督管理。\n"),
)

request = urllib.request.Request(
    os.environ["FABU_SERVER"] + "/v1/items", data=item.SerializeToString(), method="POST",
    headers={"Authorization": "Bearer " + os.environ["FABU_KEY"], "Content-Type": "application/x-protobuf"})
try:
    with urllib.request.urlopen(request, timeout=30) as answer:
        receipt = json_format.Parse(answer.read(), api_pb2.SubmissionReceipt(), ignore_unknown_fields=True)
        print(f"{receipt.index_no} item {receipt.item_id} edition {receipt.edition} log index {receipt.log_index}")
except urllib.error.HTTPError as error:  # 429 and 503: wait Retry-After seconds and send the same again
    problem = json_format.Parse(error.read(), api_pb2.Problem(), ignore_unknown_fields=True)
    print(f"{error.code}: {problem.detail}", *(f"  {e.path}: {e.what} {e.todo}" for e in problem.errors), sep="\n", file=sys.stderr)
    sys.exit(1)
