"""Tests gpu_peers.py against stubs of PyTorch's, JAX's and Java's calls: run scripts/test-peers."""
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SCRIPT, STUBS = HERE / "gpu_peers.py", HERE / "stubs"
sys.path[:0] = [str(HERE), str(STUBS), str(HERE.parent)]

import gpu_peers  # noqa: E402
import table_kinds  # noqa: E402
import table_text  # noqa: E402
import torch  # noqa: E402

IMAGES = 40
JAVA = """#!/bin/sh
echo "$@" >> "$0.log"
[ -z "$STUB_JAVA_FAILS" ] || { echo 'no device for --device gpu' >&2; exit 3; }
echo '{"event": "start", "device": "Stub GPU", "engine": "fused", "variant": "tiles", "epochs": 5}'
for seconds in 9 8 0.2 0.1 0.3; do echo '{"event": "epoch", "train_seconds": '$seconds'}'; done
echo '{"event": "test", "correct": 9}'
"""


class Workplace(unittest.TestCase):
    """A directory with a java and a jar in it, and what the script says there."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.java, self.jar = self.directory / "bin" / "java", self.directory / "lenet5.jar"
        self.lock, self.out = self.directory / "lock", self.directory / "results" / "out.json"
        self.java.parent.mkdir()
        self.out.parent.mkdir()
        self.java.write_text(JAVA)
        self.java.chmod(0o755)
        self.jar.touch()

    def start(self, *options, faults=None, **environment):
        environment = {**os.environ, "PYTHONPATH": str(STUBS), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1",
                       "PATH": f"{self.java.parent}:{os.environ['PATH']}", "STUB_LOCK": str(self.lock),
                       "STUB_FAULTS": json.dumps(faults or {}), **environment}
        return subprocess.Popen([sys.executable, str(SCRIPT), *map(str, options)], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_script(self, *options, status=0, **more):
        process = self.start(*options, **more)
        said, complained = process.communicate(timeout=300)
        self.assertEqual(status, process.returncode, complained)
        return said, complained

    def race(self, *options, **more):
        """The results, by contender, precision and batch size."""
        said, _ = self.run_script("--images", IMAGES, "--batches", 16, "--rounds", 2, "--out", self.out, *options, **more)
        self.results = json.loads(self.out.read_text())
        self.assertEqual([self.out], list(self.out.parent.iterdir()), "something was left beside the results")
        self.assertEqual(self.results["rows"] + self.results["ratios"], [json.loads(line) for line in said.splitlines()])
        return {(row["contender"], row["precision"], row["batch"]): row for row in self.results["rows"]}

    def assert_nobody_holds_the_lock(self):
        with open(self.lock, "w") as lock:
            for _ in range(100):
                with contextlib.suppress(BlockingIOError):
                    return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                time.sleep(0.05)
        self.fail("a process of a contender is still there")


class TorchTest(unittest.TestCase):
    def test_every_contender_trains_on_each_image_once_an_epoch(self):
        for name in ("eager", "graph", "epoch-graph", "compile", "compile-max"):
            for batch in (16, 30, 40):
                with self.subTest(name, batch=batch):
                    data = gpu_peers.load(None, IMAGES)
                    contender = gpu_peers.Torch(name, "float32", data, batch)
                    self.assertAlmostEqual(gpu_peers.expected_loss(*data, batch), contender.loss(), 5)
                    trained = IMAGES if contender.whole else IMAGES // batch * batch
                    for _ in range(3):
                        torch.gathered.clear()
                        contender.epoch()
                        self.assertEqual(trained, len(torch.gathered))
                        self.assertEqual(trained, len(set(torch.gathered)))
                    steps = 3 * (-(-IMAGES // batch) if contender.whole else IMAGES // batch)
                    for parameter, initial in zip(contender.parameters, gpu_peers.initial_parameters()):
                        np.testing.assert_allclose(parameter.array, initial * (1 - gpu_peers.RATE) ** steps, rtol=1e-4)

    def test_the_stub_fills_the_memory_of_a_tensor_that_is_gone_even_if_a_graph_reads_it(self):
        values, indices = torch.arange(4, "cuda"), torch.arange(2, "cuda")
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            values[indices]
        graph.replay()
        del indices
        with self.assertRaises(IndexError):
            graph.replay()


class RaceTest(Workplace):
    def test_everybody_has_a_row_and_the_table_has_its_figures(self):
        rows = self.race("--jar", self.jar)
        everybody = {("lenet5", "float32", 16)} | {(peer, precision, 16) for peer in gpu_peers.PEERS
                                                   for precision in ("float32", "tf32")}
        self.assertEqual(everybody, set(rows))
        for row in rows.values():
            self.assertLessEqual(0 < row["min_ms"], row["ms_per_epoch"])
            self.assertLessEqual(row["ms_per_epoch"], row["max_ms"])
            self.assertAlmostEqual(row["ms_per_epoch"] / 3 * 1e3, row["us_per_step"], delta=1)
            self.assertEqual(row["contender"] in ("lenet5", "eager", "epoch-graph"), row["short_batch_trained"])

        ours = rows["lenet5", "float32", 16]
        self.assertEqual((200, 100, 300), (ours["ms_per_epoch"], ours["min_ms"], ours["max_ms"]))
        self.assertEqual(("Stub GPU", "fused", "tiles"), (ours["device"], ours["engine"], ours["variant"]))
        command = f"-jar {self.jar} train --json --data synthetic --device gpu --epochs 5 --batch-size 16"
        self.assertEqual([command] * 2, Path(f"{self.java}.log").read_text().splitlines())
        for ratio in self.results["ratios"]:
            best = min(row["ms_per_epoch"] for row in rows.values()
                       if row["precision"] == ratio["precision"] and row is not ours)
            self.assertEqual((200, best, round(200 / best, 4)),
                             (ratio["ours_ms"], ratio["best_peer_ms"], ratio["ours_to_best_peer"]))
        self.assertEqual(["float32", "tf32"], [ratio["precision"] for ratio in self.results["ratios"]])
        self.assertIn(str(self.jar), self.results["command"])
        self.assertEqual({"torch", "jax"}, set(self.results["versions"]))

        table = "\n".join(table_kinds.gpu_peers(self.results))
        self.assertIn("| lenet5 fused tiles | float32 | 16 | 200 (100 to 300) | 66666.7 |", table)
        for row in rows.values():
            median, least, most = [table_text.milliseconds(row[key]) for key in ("ms_per_epoch", "min_ms", "max_ms")]
            self.assertIn(f"| {median} ({least} to {most})", table)
        for ratio in self.results["ratios"]:
            self.assertIn(f"| 16 | {ratio['precision']} | 200 ms | {table_text.milliseconds(ratio['best_peer_ms'])} ms "
                          f"({ratio['best_peer']}) | {ratio['ours_to_best_peer']:.3f} |", table)

    def test_who_fails_has_a_row_that_says_how_and_the_others_keep_theirs(self):
        rows = self.race("--precisions", "float32", "--limit", 8, "--jar", self.jar, STUB_JAVA_FAILS="yes", faults={
            "eager": "import:raise", "graph": "import:die", "epoch-graph": "epoch:hang", "compile": "loss:wrong",
            "compile-max": "epoch:die"})
        reasons = {name: row.get("unmeasured") for (name, _, _), row in rows.items()}
        wrong = reasons.pop("compile")
        self.assertRegex(wrong, r"^its loss is \d\.\d{6}, expected \d\.\d{6}$")
        died = "was ended by a signal, Aborted: the driver's last words"
        self.assertEqual({
            "lenet5": "RuntimeError: lenet5 ended with status 3: no device for --device gpu",
            "eager": "RuntimeError: out of luck | twice", "graph": died, "epoch-graph": "took over 8 s",
            "compile-max": died, "jax": None}, reasons)
        self.assertEqual(["jax"], [row["contender"] for row in rows.values() if "ms_per_epoch" in row])
        self.assert_nobody_holds_the_lock()
        ratio = self.results["ratios"][0]
        self.assertEqual(("jax", None), (ratio["best_peer"], ratio["ours_to_best_peer"]))
        table = "\n".join(table_kinds.gpu_peers(self.results))
        self.assertIn("unmeasured: RuntimeError: out of luck \\| twice |", table)
        self.assertIn("| 16 | tf32 | unmeasured | unmeasured | unmeasured |", table)

    def test_a_compiler_that_does_not_end_does_not_keep_the_other_mode(self):
        rows = self.race("--peers", "compile,compile-max", "--precisions", "tf32", "--limit", 8,
                         faults={"compile-max": "max-autotune-no-cudagraphs:hang"})
        self.assertEqual("took over 8 s", rows["compile-max", "tf32", 16]["unmeasured"])
        self.assertIn("ms_per_epoch", rows["compile", "tf32", 16])

    def test_libraries_that_are_not_there_are_a_reason(self):
        rows = self.race("--peers", "eager,jax", "--precisions", "float32", PYTHONPATH="")
        for peer, module in (("eager", "torch"), ("jax", "jax")):
            self.assertEqual(f"ModuleNotFoundError: No module named '{module}'", rows[peer, "float32", 16]["unmeasured"])

    def test_every_batch_size_is_in_the_one_file(self):
        rows = self.race("--peers", "", "--jar", self.jar, "--batches", "8,40")
        self.assertEqual({("lenet5", "float32", 8), ("lenet5", "float32", 40)}, set(rows))
        self.assertEqual(4, len(self.results["ratios"]))

    def test_an_interruption_ends_the_contenders(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                self.lock.unlink(missing_ok=True)
                process = self.start("--images", IMAGES, "--batches", 16, "--peers", "eager", faults={"eager": "import:hang"})
                while not self.lock.exists():
                    time.sleep(0.05)
                process.send_signal(number)
                process.communicate(timeout=60)
                self.assertEqual(128 + number, process.returncode)
                self.assert_nobody_holds_the_lock()


class OptionsTest(Workplace):
    def test_bad_options_are_named_with_what_was_expected(self):
        for options, complaint in {
            ("--peers", "graf"): "--peers: unknown 'graf', expected some of eager,graph,epoch-graph,compile,compile-max,jax",
            ("--precisions", "half"): "--precisions: unknown 'half', expected some of float32,tf32",
            ("--batches", "32,none"): "--batches: found 'none', expected positive whole numbers with commas, such as 32,1024",
            ("--batches", "64", "--images", "40"): "--batches: found 64, expected at most 40, the number of images",
            ("--rounds", "0"): "--rounds: found '0', expected a positive whole number",
            ("--limit", "nan"): "--limit: found 'nan', expected a positive number of seconds",
            ("--jar", "none.jar"): "--jar: there is no file none.jar",
            ("--out", "none/out.json"): "--out: there is no directory none",
            ("--data", "none"): "--data: none: ",
        }.items():
            with self.subTest(options):
                _, complained = self.run_script(*options, status=2)
                self.assertIn(complaint, complained)


if __name__ == "__main__":
    unittest.main()
