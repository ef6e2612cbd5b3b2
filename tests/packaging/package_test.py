"""The Debian package as it lies there: what is in it, for whom, and what lintian says."""
import shutil
import tempfile
import unittest

from packaged import make_package, run


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="fabu-package-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.package = make_package(cls.folder)
        cls.listing = run("dpkg-deb", "-c", cls.package).stdout.splitlines()
        cls.fields = run("dpkg-deb", "-f", cls.package).stdout

    def test_lintian_finds_nothing(self):
        run("lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", self.package)

    def test_depends_on_the_libraries_that_it_uses(self):
        for library in ("libssl3", "libsqlite3-0", "libprotobuf32", "libc6"):
            self.assertRegex(self.fields, rf"Depends:.*\b{library} \(>=")

    def test_everything_belongs_to_root_and_nobody_else_may_write(self):
        for line in self.listing:
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertNotIn("w", mode[4:], line)

    def test_holds_what_an_installation_needs(self):
        names = {line.split()[5] for line in self.listing}
        for name in ("usr/bin/fabu", "etc/fabu/fabu.yaml", "usr/share/fabu/catalogue.yaml", "usr/share/fabu/web/site/layout.mustache",
                     "usr/share/fabu/proto/fabu/v1/item.proto", "usr/share/man/man1/fabu.1.gz", "usr/share/man/man5/fabu.yaml.5.gz",
                     "usr/share/bash-completion/completions/fabu", "usr/share/zsh/vendor-completions/_fabu",
                     "usr/lib/sysusers.d/fabu.conf", "usr/lib/tmpfiles.d/fabu.conf", "lib/systemd/system/fabu.service",
                     "lib/systemd/system/fabu-broker.service", "lib/systemd/system/fabu-adapter@.service",
                     "usr/share/doc/fabu/copyright", "usr/share/doc/fabu/operations.md", "usr/share/doc/fabu/examples/nginx.conf"):
            self.assertIn("./" + name, names)

    def test_the_program_is_stripped_and_its_symbols_lie_beside_it(self):
        run("dpkg-deb", "-x", self.package, self.folder + "/x")
        self.assertNotIn(".debug_info", run("readelf", "-SW", self.folder + "/x/usr/bin/fabu").stdout)
        symbols = [line for line in run("sh", "-c", f"dpkg-deb -c {self.folder}/fabu-dbgsym_*.ddeb").stdout.splitlines() if ".debug" in line]
        self.assertEqual(len(symbols), 1)

    def test_scripts_are_plain_and_pass_the_shells_own_check(self):
        run("dpkg-deb", "-e", self.package, self.folder + "/control")
        for script in ("postinst", "prerm", "postrm"):
            run("sh", "-n", f"{self.folder}/control/{script}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
