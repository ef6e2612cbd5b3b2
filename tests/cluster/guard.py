"""Takes a cluster down when the program that started it is gone, however it ended: tests are killed when they take too long.

    guard.py PID STARTED FOLDER
"""
import pathlib
import shutil
import sys
import time

from processes import Process, end_all_marked, start_time


def start(folder, pid):
    return Process.start([sys.executable, "-B", __file__, str(pid), str(start_time(pid)), str(folder)], pathlib.Path(folder, "guard.log"), folder)


def _main(pid, started, folder):
    while start_time(pid) == started:
        time.sleep(0.5)
    end_all_marked(folder)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
