"""The generated protobuf modules of the contract, made here and now as docs/examples do."""
import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile

_proto = pathlib.Path(__file__).resolve().parents[2] / "proto"
_generated = tempfile.mkdtemp(prefix="fabu-contract-")
atexit.register(shutil.rmtree, _generated, ignore_errors=True)
subprocess.run(["protoc", f"-I{_proto}", f"--python_out={_generated}", *(f"fabu/v1/{name}.proto" for name in ("item", "delivery", "audit", "api"))],
               check=True)
sys.path.insert(0, _generated)
from fabu.v1 import api_pb2, item_pb2  # noqa: E402,F401  pylint: disable=unused-import
