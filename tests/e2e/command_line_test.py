"""The command line as scripts use it: words, outputs, exit codes."""
import json
import unittest

from broker import Broker, samples
from material import any_sample, item_like, write_item


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.sample = any_sample()
        cls.department = cls.sample["department"]
        cls.folder = cls.broker.home / "outbox"

    def item(self, reference, **changes):
        return item_like(self.sample, reference, **changes)

    def submit(self, *arguments, stdin=None, env=None, key=None):
        return self.broker.fabu("submit", *arguments, key=self.broker.key(self.department) if key is None else key, stdin=stdin,
                                check=False, env=env)

    def test_the_same_item_again_gives_the_same_receipt(self):
        path = write_item(self.folder, "twice.json", self.item("CLI-TWICE"))
        first, second = self.submit("--json", path), self.submit("--json", path)
        self.assertEqual((first.returncode, second.returncode), (0, 0), first.stderr + second.stderr)
        self.assertEqual(json.loads(first.stdout), json.loads(second.stdout))

    def test_other_content_under_the_same_reference_is_refused_with_what_differs(self):
        write_item(self.folder, "differs.json", self.item("CLI-DIFFERS"))
        self.assertEqual(self.submit(self.folder / "differs.json").returncode, 0)
        write_item(self.folder, "differs.json", self.item("CLI-DIFFERS", title="另一个标题"))
        done = self.submit(self.folder / "differs.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("title", done.stderr)

    def test_ndjson_comes_by_standard_input_and_each_line_is_answered_on_its_own(self):
        lines = [self.item("CLI-LINE-1"), self.item("CLI-LINE-2", title=""), self.item("CLI-LINE-3")]
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        done = self.submit("--json", "-", stdin=text)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(sorted(json.loads(line)["reference"] for line in done.stdout.splitlines()), ["CLI-LINE-1", "CLI-LINE-3"])
        self.assertIn("-:2", done.stderr)
        self.assertIn("title", done.stderr)

    def test_a_folder_with_an_original_and_its_correction_is_accepted_in_order(self):
        folder = self.folder / "ordered"
        write_item(folder, "a-correction.json", self.item("CLI-ORDER", title="更正后的标题", correction={"reason": "更正标题"}))
        write_item(folder, "b-original.json", self.item("CLI-ORDER"))
        done = self.submit("--json", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(line)["edition"] for line in done.stdout.splitlines()], [1, 2])

    def test_problems_are_told_in_the_language_of_the_user(self):
        path = write_item(self.folder, "bad.json", self.item("CLI-BAD", title="", catalogue_entry="NO-SUCH"))
        chinese = self.submit(path, env={"LC_ALL": "zh_CN.UTF-8"})
        english = self.submit(path)
        self.assertEqual((chinese.returncode, english.returncode), (1, 1))
        for told in (chinese, english):
            self.assertIn("title", told.stderr)
            self.assertIn("catalogue_entry", told.stderr)
        self.assertRegex(chinese.stderr, r"title: .*[\u4e00-\u9fff]")
        self.assertNotEqual(chinese.stderr, english.stderr)

    def test_a_dry_run_stores_nothing(self):
        path = write_item(self.folder, "dry.json", self.item("CLI-DRY"))
        done = self.submit("--dry-run", "--json", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(json.loads(done.stdout)["dryRun"])
        shown = self.broker.fabu("items", "show", f"{self.department}:CLI-DRY", key=self.broker.operator(), check=False)
        self.assertEqual(shown.returncode, 5)

    def test_exit_codes_tell_what_went_wrong(self):
        path = write_item(self.folder, "codes.json", self.item("CLI-CODES"))
        self.assertEqual(self.submit(path, key="fabu_wrong").returncode, 4)
        self.assertEqual(self.submit("--no-such-option").returncode, 2)
        self.assertEqual(self.submit(self.folder / "not-there.json").returncode, 6)
        gone = self.broker.fabu("submit", path, "--server", "http://127.0.0.1:1", "--timeout", "0", check=False)
        self.assertEqual(gone.returncode, 3)

    def test_a_key_of_one_department_does_not_open_another(self):
        path = write_item(self.folder, "other.json", self.item("CLI-OTHER"))
        self.assertEqual(self.submit(path, key=self.broker.key("another-department")).returncode, 4)

    def test_a_revoked_key_opens_nothing(self):
        made = self.broker.fabu("key", "create", "--data", self.broker.data, "--department", self.department, "--json")
        answer = json.loads(made.stdout)
        self.assertEqual(self.broker.fabu("items", "list", key=answer["key"], check=False).returncode, 0)
        self.broker.fabu("key", "revoke", answer["keyId"], "--data", self.broker.data)
        self.assertEqual(self.broker.fabu("items", "list", key=answer["key"], check=False).returncode, 4)
        self.assertIn(answer["keyId"], self.broker.fabu("key", "list", "--data", self.broker.data).stdout)

    def test_a_paused_channel_holds_its_deliveries_and_why_says_so(self):
        operator = self.broker.operator()
        self.broker.fabu("channels", "pause", "noticeboard", "--reason", "打印机维修", key=operator)
        try:
            path = write_item(self.folder, "paused.json", self.item("CLI-PAUSED"))
            receipt = json.loads(self.submit("--json", path).stdout)
            self.assertIn("noticeboard", receipt["channels"])
            why = self.broker.fabu("why", receipt["itemId"], key=operator, env={"LC_ALL": "zh_CN.UTF-8"}).stdout
            self.assertIn("打印机维修", why)
            self.broker.restart()  # what a person stopped stays stopped
            paused = [c for c in self.broker.json_lines("channels", "list", key=operator) if c["name"] == "noticeboard"]
            self.assertEqual((paused[0]["state"], paused[0]["reason"]), ("paused", "打印机维修"))
            self.assertGreaterEqual(int(paused[0]["waiting"]), 1)
        finally:
            self.broker.fabu("channels", "resume", "noticeboard", key=operator)
        self.broker.settled()

    def test_reading_verbs_take_the_data_folder_instead_of_a_key(self):
        for verb in (("items", "list"), ("deliveries", "list"), ("deliveries", "groups"), ("channels", "list")):
            done = self.broker.fabu(*verb, "--data", self.broker.data, env={"FABU_SERVER": "", "FABU_KEY": ""})
            self.assertTrue(done.stdout)

    def test_replay_counts_first_and_says_how_many_exactly(self):
        operator = self.broker.operator()
        self.assertIn("0", self.broker.fabu("deliveries", "replay", "--dry-run", key=operator).stdout)
        self.assertEqual(self.broker.fabu("deliveries", "replay", "--yes", key=operator).stdout.strip(), "replayed 0 of 0")

    def test_the_example_configuration_and_the_catalogue_are_sound(self):
        example = self.broker.fabu("config", "example").stdout
        path = self.broker.home / "example.yaml"
        path.write_text(example, encoding="utf-8")
        self.broker.fabu("config", "check", path)
        path.write_text(example + "\nlisten_to: 1\n", encoding="utf-8")
        bad = self.broker.fabu("config", "check", path, check=False)
        self.assertEqual(bad.returncode, 2)
        self.assertIn(f"{path}:{len(example.splitlines()) + 2}", bad.stderr)
        entries = {entry["code"] for entry in self.broker.json_lines("catalogue", "list")}
        used = {item["catalogueEntry"] for item in samples().values()}
        self.assertLessEqual(used, entries)

    def test_every_verb_explains_itself(self):
        for verb in ("submit", "items", "deliveries", "channels", "why", "audit", "key", "keys", "config", "catalogue", "serve"):
            self.assertIn("--", self.broker.fabu(verb, "--help").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
