"""Tests tables.py and the modules it is made of: run scripts/test-peers."""
import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import table_kinds  # noqa: E402
import table_results  # noqa: E402
import table_text  # noqa: E402
import tables  # noqa: E402

HEAD = {"date": "2026-01-02", "commit": "abc1234", "command": "some command",
        "machine": {"processor": "Some CPU", "threads": 2, "jdk": "OpenJDK 64-Bit Server VM 17.0.15+6-Debian"}}


def run_of(*rows, **more):
    return {**HEAD, "results": list(rows), **more}


def result(name, batch, *epochs, ours=False, steps=10, problem=None):
    return {"name": name, "version": f"{name} 1.0", "ours": ours, "batchSize": batch, "steps": steps, "epochSteps": 10,
            "epochSeconds": [list(epochs)], "problem": problem}


def race(*results, **more):
    return run_of(*results, floor_seconds_an_epoch=0.25, **more)


class MarkersTest(unittest.TestCase):
    def test_every_marker_of_the_documents_has_its_table(self):
        documents = [*tables.ROOT.glob("*.md"), *tables.ROOT.glob("docs/*.md"), *tables.ROOT.glob("benchmarks/*.md")]
        markers = {(str(document.relative_to(tables.ROOT)), name) for document in documents
                   for name in re.findall("<!-- (.*):begin -->", document.read_text(encoding="utf-8"))}
        self.assertEqual(markers, {(path, name) for path, known in tables.TABLES.items() for name in known})

    def test_a_table_takes_the_place_between_its_markers_as_often_as_it_is_written(self):
        once = tables.between_markers("a\n<!-- t:begin -->\nold\n<!-- t:end -->\nb\n", "t", ["new", "lines"])
        self.assertEqual("a\n<!-- t:begin -->\nnew\nlines\n<!-- t:end -->\nb\n", once)
        self.assertEqual(once, tables.between_markers(once, "t", ["new", "lines"]))

    def test_a_marker_that_is_missing_is_named(self):
        for text, missing in (("none", "begin"), ("<!-- t:begin -->", "end"), ("<!-- t:end --><!-- t:begin -->", "end")):
            with self.subTest(text), self.assertRaisesRegex(ValueError, f"no <!-- t:{missing} -->"):
                tables.between_markers(text, "t", [])


class CommandTest(unittest.TestCase):
    """In a directory with a document of one table."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.document = self.root / "README.md"
        self.document.write_text("<!-- t:begin -->\n<!-- t:end -->\n")
        known = {"README.md": {"t": lambda: table_text.plain(table_results.newest("t"), ("n", "n"))}}
        for module, name, value in ((tables, "ROOT", self.root), (table_results, "RESULTS", self.root),
                                    (tables, "TABLES", known), (tables, "said_by", lambda *_: "{}")):
            patch = mock.patch.object(module, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def write_results(self, name, **more):
        (self.root / name).write_text(json.dumps(run_of(**more)))

    def main(self, *arguments):
        out = io.StringIO()
        with mock.patch.object(sys, "argv", ["tables.py", *arguments]), contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as end:
            tables.main()
        return end.exception.code, out.getvalue()

    def test_check_names_what_differs_and_changes_nothing(self):
        self.write_results("t-2026-01-01.json", results=[{"n": 1}])
        before = self.document.read_text()
        code, said = self.main("--check")
        self.assertEqual((1, before), (code, self.document.read_text()))
        self.assertIn("README.md: t differs", said)
        self.assertEqual(0, self.main()[0])
        self.assertIn("| 1 |\n<!-- t:end -->", self.document.read_text())
        self.assertEqual((0, ""), self.main("--check"))

    def test_the_newest_file_is_shown(self):
        self.write_results("t-2026-01-01T1000Z.json", results=[{"n": 1}])
        self.write_results("t-2026-01-01T0900Z.json", results=[{"n": 2}])
        self.write_results("t-other-2027-01-01.json", results=[{"n": 3}])
        self.main()
        self.assertIn("| 1 |", self.document.read_text())

    def test_a_table_without_results_is_an_error(self):
        self.assertIn("no t-DATE.json", self.main()[0])

    def test_races_with_options_are_left_out(self):
        for day, command in enumerate(["benchmarks/peers/run", "benchmarks/peers/run", "benchmarks/peers/run --rounds 1"]):
            self.write_results(f"peers-2026-01-0{day}.json", command=command, day=day)
        self.assertEqual([0, 1], [run["day"] for run in table_results.races()])

    def test_keep_writes_what_a_benchmark_printed_and_then_the_tables(self):
        with mock.patch.object(tables, "said_by", lambda *_: '{"event": "device", "facts": {"name": "D", "driver": "1"}}'):
            self.assertEqual(0, self.main("--keep", "t", "sh", "-c", 'echo "{\\"n\\": 7, \\"k\\": \\"$KEEPING\\"}"')[0])
        run = table_results.newest("t")
        self.assertEqual([{"n": 7, "k": "yes"}], run["results"])
        self.assertEqual([{"name": "D", "driver": "1"}], run["devices"])
        self.assertTrue(run["command"].startswith("sh -c "))
        self.assertIn("| 7 |", self.document.read_text())

    def test_a_benchmark_that_fails_leaves_nothing(self):
        for script in ("echo '{}'; exit 3", "true"):
            with self.subTest(script):
                self.assertIn("failed, nothing is kept", self.main("--keep", "t", "sh", "-c", script)[0])
                self.assertEqual([self.document], list(self.root.iterdir()))


class TablesTest(unittest.TestCase):
    def test_a_caption_tells_where_when_and_how(self):
        gpu = {"name": "Some GPU", "driver": "1.2"}
        cpu = {"name": "pthread", "driver": "3.1", "pocl": True}
        self.assertEqual(["Some CPU, 2 threads, Some GPU, driver 1.2, PoCL 3.1, JDK 17.0.15, 2026-01-02, commit abc1234, "
                          "`some command`:", ""], table_text.caption(run_of(devices=[gpu, cpu])))

    def test_a_table_aligns_figures_to_the_right_and_leaves_out_what_is_not_there(self):
        self.assertEqual(["| a | b |", "|---|---:|", "| x | |"], table_text.table(["a", ">b"], [["x", ""]]))

    def test_speed_has_medians_the_fastest_first(self):
        lines = table_kinds.speed(
            race(result("slow", 32, 9.0, 7.0, steps=5), result("lenet5", 32, 0.5, 0.4, 0.3, ours=True),
                 result("failed", 32, problem="no | memory")),
            run_of({"event": "bench", "engine": "reference", "batch_size": 32, "epoch_seconds": 34.0, "steps": 1,
                    "epoch_steps": 10}))
        self.assertEqual(["| the floor | 0.250 s |", "| **lenet5 1.0** | 0.400 s |", "| slow 1.0 | 8.00 s, scaled |",
                          "| failed 1.0 | unmeasured |",
                          "| **lenet5 reference** (`some command`, 2026-01-02) | 34.0 s, scaled |"], lines[-5:])

    def test_everybody_has_a_column_for_each_run(self):
        first = race(result("a", 8, 2.0, 1.0, 4.0), date="first")
        second = race(result("a", 8, 3.0, steps=5), result("b", 8, problem="x | y"), date="second")
        self.assertEqual(["| seconds an epoch: median (min to max) | batch | first | second |", "|---|---:|---:|---:|",
                          "| a 1.0 | 8 | 2.000 (1.000 to 4.000) | 3.000 (3.000 to 3.000), scaled from 5 of 10 steps |",
                          "| b 1.0 | 8 | | unmeasured: x \\| y |"], table_kinds.everybody([first, second]))

    def test_the_best_of_ours_over_the_best_peer(self):
        lines = table_kinds.ours_and_best_peer([
            race(result("fused", 8, 1.0, ours=True), result("simd", 8, 2.0, ours=True), result("p", 8, 4.0)),
            race(result("fused", 8, 1.0, ours=True), result("p", 8, problem="gone"))])
        self.assertIn("| 8 | 0.250 s | 1.000 s (fused) | 4.000 s (p) | 0.250 |", lines[2])
        self.assertIn("| 8 | 0.250 s | 1.000 s (fused) | unmeasured | unmeasured |", lines[3])

    def test_a_bench_has_its_floors_and_who_failed(self):
        pocl = "pthread-x (Portable Computing Language)"
        lines = table_kinds.bench(run_of(
            {"event": "floor", "device": pocl, "gigaflops": 500, "gigabytes": 40, "epoch_seconds": 0.25},
            {"event": "bench", "engine": "fused", "device": pocl, "batch_size": 32, "epoch_seconds": 0.5,
             "images_per_second": 110_000.0, "step_seconds": 0.000_29, "floor_share": 0.5, "steps": 10, "epoch_steps": 10},
            {"event": "bench", "engine": "simd", "device": "Java", "batch_size": 32, "problem": "wrong"}))
        self.assertIn("floor of PoCL 0.2500 s an epoch at 500 GFLOP/s", " ".join(lines))
        self.assertEqual(["| fused, PoCL | 32 | 0.500 | 110,000 | 290.0 | 50.0 % |", "| simd | 32 | unmeasured: wrong | | | |"],
                         lines[-2:])

    def test_a_profile_adds_up_small_shares_and_leaves_out_empty_columns(self):
        rows = [{"event": "profile", "activity": name, "share": share, "gigaflops": rate}
                for name, share, rate in (("big", 0.985, 250.4), ("small", 0.009, 1.0), ("tiny", 0.006, 1.0))]
        lines = table_kinds.profile(run_of({"event": "floor", "gigaflops": 500}, *rows))
        self.assertEqual(["| activity | share | GFLOP/s | of the peak |", "|---|---:|---:|---:|",
                          "| big | 98.5 % | 250 | 50 % |", "| everything else | 1.5 % | | |"], lines[-4:])
        self.assertNotIn("peak", " ".join(table_kinds.profile(run_of(*rows))))

    def test_variants_are_medians_in_milliseconds_the_fastest_bold(self):
        run = run_of({"event": "floor", "epoch_seconds": 0.002}, {"variant": "layered", "batch": 32, "seconds": [0.4]},
                     {"variant": "tiles", "batch": 1024, "seconds": [0.03, 0.01, 0.02]},
                     {"variant": "shares", "batch": 32, "seconds": [0.1]})
        self.assertEqual(["| 32 | 400 | **100** | |", "| 1024 | | | **20** |"], table_kinds.variants(run)[-2:])
        peers = {**HEAD, "rows": [
            {"contender": "jax", "precision": "tf32", "batch": 32, "ms_per_epoch": 284.0},
            {"contender": "graph", "precision": "tf32", "batch": 32, "unmeasured": "gone"},
            {"contender": "eager", "precision": "tf32", "batch": 1024, "ms_per_epoch": 38.0},
            {"contender": "graph", "precision": "float32", "batch": 1024, "ms_per_epoch": 37.7}]}
        self.assertEqual(["| the floor | 2.00 | 2.00 |", "| **`fused`**, its fastest variant | 100 (`shares`) | 20 (`tiles`) |",
                          "| JAX | 284 (tf32) | |", "| PyTorch, its fastest mode | failed | 37.7 (float32) |",
                          "| **`layered`** | 400 | |"], table_kinds.gpu_speed(run, peers)[-5:])

    def test_accuracy_has_the_seeds_that_all_ways_have(self):
        rows = [{"options": options, "seed": seed, "accuracy": 0.98 + seed / 1000}
                for options, seeds in (("--a", (1, 2)), ("--b", (1,)), ("--c", ())) for seed in seeds]
        self.assertEqual(["| test accuracy | seed 1 |", "|---|---:|", "| `--a` | 98.10 % |", "| `--b` | 98.10 % |"],
                         table_kinds.accuracy(run_of(*rows), "--a", "--b")[-4:])

    def test_medians_and_ranges_of_the_other_benchmarks(self):
        self.assertEqual("| 1 | 0.800 | 1.000 | 1.25 |",
                         table_kinds.busy_cpu(run_of({"loops": 1, "lanes": [0.8, 0.7, 0.9], "auto": [1.0]}))[-1])
        start = {"engine": "fused", "rounds": 3, "cache": "warm", "first_step": [0.7, 0.68, 0.8], "epoch": [2.1, 1.9, 2.0]}
        self.assertEqual("| `fused` | 3 | warm | 0.68 to 0.80 | 1.9 to 2.1 |", table_kinds.cold_start(run_of(start))[-1])


if __name__ == "__main__":
    unittest.main()
