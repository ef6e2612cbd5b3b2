"""A browser for tests: Chromium through chromedriver, in W3C WebDriver's words, with the standard library alone.

    with Browser() as page:
        page.open("http://127.0.0.1:8080/")
        assert page.text("h1")
"""
import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver section 12.2: the name of an element's reference


class Gone(Exception):
    """No such element, or it is no longer on the page."""


class Browser(contextlib.AbstractContextManager):
    def __init__(self, width=1280, height=900, phone=False):
        self._home = tempfile.mkdtemp(prefix="fabu-browser-")
        self._log = open(os.path.join(self._home, "driver.log"), "w+", encoding="utf-8")
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**os.environ, "HOME": self._home})
        self._url = f"http://127.0.0.1:{self._port()}"
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--lang=zh-CN",
                     "--no-sandbox", "--no-proxy-server", "--disable-background-networking", "--force-device-scale-factor=1",
                     f"--user-data-dir={self._home}/profile", f"--window-size={width},{height}"]
        options = {"binary": shutil.which("chromium") or "chromium", "args": arguments,
                   "prefs": {"download.default_directory": self._home, "download.prompt_for_download": False}}
        if phone:
            options["mobileEmulation"] = {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2.0},
                                          "userAgent": "Mozilla/5.0 (Linux; Android 13) Mobile"}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}}, session=False)
        self._session = answer["sessionId"]

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self._call("DELETE", "")
        self._driver.terminate()
        try:
            self._driver.wait(10)
        except subprocess.TimeoutExpired:
            self._driver.kill()
            self._driver.wait()
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            text = pathlib.Path(self._log.name).read_text(encoding="utf-8")
            if found := re.search(r"started successfully on port (\d+)", text):
                return found.group(1)
            if self._driver.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("chromedriver did not start: " + pathlib.Path(self._log.name).read_text(encoding="utf-8"))

    def _call(self, method, path, body=None, session=True):
        url = self._url + (f"/session/{self._session}" if session else "") + path
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise Gone(value["message"]) if value["error"] in ("no such element", "stale element reference") \
                else RuntimeError(f"{value['error']}: {value['message']}") from None

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def url(self):
        return self._call("GET", "/url")

    def title(self):
        return self._call("GET", "/title")

    def script(self, code, *arguments):
        return self._call("POST", "/execute/sync", {"script": code, "args": list(arguments)})

    def find(self, css):
        return self._call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def find_all(self, css):
        return [one[ELEMENT] for one in self._call("POST", "/elements", {"using": "css selector", "value": css})]

    def text(self, css="body"):
        """What a reader sees of the first element that matches."""
        return self._call("GET", f"/element/{self.find(css)}/text")

    def attribute(self, element, name):
        return self._call("GET", f"/element/{element}/attribute/{name}")

    def click(self, css):
        self._call("POST", f"/element/{self.find(css)}/click")

    def type(self, css, text):
        self._call("POST", f"/element/{self.find(css)}/value", {"text": text})

    def wait_for(self, condition, what, seconds=10):
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(Gone):
                if value := condition():
                    return value
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s for {what}; at {self.url()}:\n{self.text()[:2000]}")
            time.sleep(0.05)

    def screenshot(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def complaints(self):
        """Errors on the browser's console since the last call: scripts that failed, resources that were not there."""
        entries = self._call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
