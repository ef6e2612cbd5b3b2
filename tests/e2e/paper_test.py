"""The notice board: every sample is a PDF that has ink on it, says its title, and leads to the web page by its QR code."""
import pathlib
import re
import subprocess
import unittest
import urllib.parse

from broker import ARTIFACTS, Broker, fetch, samples


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60).stdout


def ink(picture):
    """Share of dark pixels in a binary PGM picture (netpbm P5)."""
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+(\d+)\s", picture)
    pixels = picture[header.end():]
    return sum(1 for p in pixels if p < 128) / len(pixels)


class Paper(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.receipts = cls.broker.submit_samples()
        cls.deliveries = cls.broker.settled()
        cls.folder = ARTIFACTS / "paper"
        cls.folder.mkdir(parents=True, exist_ok=True)

    def pdf_of(self, name):
        """The one PDF that was spooled for a sample, found by its receipt."""
        item = str(self.receipts[name]["itemId"])
        mine = [d for d in self.deliveries if d["itemId"] == item and d["channel"] == "noticeboard"]
        self.assertEqual(len(mine), 1, f"{name}: notice-board deliveries {mine}")
        locator = mine[0]["receipt"]["locator"]
        path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(locator).path) if "://" in locator else locator)
        if not path.is_absolute():
            path = self.broker.data / "noticeboard" / path
        self.assertTrue(path.is_file(), f"{name}: no file at {locator}")
        return path

    def test_every_sample_is_one_readable_pdf(self):
        for name, item in samples().items():
            with self.subTest(name):
                pdf = self.pdf_of(name)
                text = "".join(run("pdftotext", "-layout", str(pdf), "-").decode("utf-8").split())
                self.assertIn("".join(item["title"].split()), text)
                fonts = run("pdffonts", str(pdf)).decode("utf-8").splitlines()[2:]
                self.assertTrue(fonts and all(" yes " in line for line in fonts), f"fonts are not embedded: {fonts}")
                base = self.folder / name.removesuffix(".json")
                run("pdftoppm", "-r", "60", "-gray", str(pdf), str(base))
                pages = sorted(self.folder.glob(base.name + "-*.pgm"))
                self.assertTrue(pages)
                for page in pages:
                    self.assertTrue(0.002 < ink(page.read_bytes()) < 0.4, f"{page.name} is blank or black")

    def test_the_qr_code_leads_to_the_web_page(self):
        for name, item in samples().items():
            with self.subTest(name):
                base = self.folder / ("qr-" + name.removesuffix(".json"))
                run("pdftoppm", "-r", "200", "-png", str(self.pdf_of(name)), str(base))
                codes = set()
                for page in self.folder.glob(base.name + "-*.png"):
                    read = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(page)], capture_output=True, text=True,
                                          check=False, stdin=subprocess.DEVNULL, timeout=60)
                    codes.update(read.stdout.split())
                    page.unlink()
                wanted = f"/items/{self.receipts[name]['itemId']}/"
                self.assertTrue(any(urllib.parse.urlsplit(code).path == wanted for code in codes), f"{name}: QR codes say {codes}")
                status, _, body = fetch(self.broker.url + wanted)
                self.assertEqual(status, 200)
                self.assertIn(item["title"], body.decode("utf-8"))

    def test_nothing_was_printed_twice(self):
        pdfs = list((self.broker.data / "noticeboard").rglob("*.pdf"))
        self.assertEqual(len(pdfs), len([d for d in self.deliveries if d["channel"] == "noticeboard"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
