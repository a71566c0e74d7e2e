"""How long one step of the page's slider takes: each figure, the table and the words, at 100,000 arrivals.

python benchmarks/explorer.py

A step is the script alone: what is computed, and the elements that are made. The fits of growth, which wait until the
slider rests, are not in the milliseconds.
"""

import shutil

from playwright.sync_api import sync_playwright

from mdsbench.report.page import bundle

SOLVERS, TRIALS, SIZES, STEPS = 50, 50, 5, 60  # with 8 targets: 100,000 arrivals
FIGURES = ("profile", "data-profile", "ecdf", "growth", "break-even")
MOUNT = """([solvers, trials, sizes]) => {
    const runs = { key: [], solver: [], problem: [], start: [], trial: [], trajectory: [], startLoss: [], ending: [] };
    const names = ["iterations", "evaluations", "gradients", "products", "parts", "pairs", "seconds", "directional"];
    const targets = [1, 2, 3, 4, 5, 6, 7, 8].map((k) => 10 ** -k);
    const length = solvers * trials * sizes * targets.length;
    const arrivals = Object.fromEntries(names.map((name) => [name, new Float64Array(length)]));
    arrivals.fate = new Uint8Array(length);
    let seed = 1;
    const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
    for (let p = 0; p < sizes; p += 1) for (let s = 0; s < solvers; s += 1)
      for (let t = 0; t < trials; t += 1) {
        const run = runs.key.length;
        runs.key.push(`run ${run}`);
        for (const [name, value] of Object.entries({ solver: s, problem: p, trial: t })) runs[name].push(value);
        const same = { start: 0, trajectory: -1, startLoss: 1, ending: "budget" };
        for (const [name, value] of Object.entries(same)) runs[name].push(value);
        let spent = 0;
        targets.forEach((_, k) => {
            const entry = run * targets.length + k;
            spent += (1 + s / 9) * (p + 1) * (1 + 9 * random());
            arrivals[s % 2 ? "gradients" : "evaluations"][entry] = Math.round(spent);
            arrivals.fate[entry] = random() < 0.1 ? 1 : 0;
        });
    }
    const traced = Object.fromEntries([...names, "loss"].map((name) => [name, new Float64Array(0)]));
    const data = {
        runs, arrivals, targets, level: 0.95, starts: ["uniform"], trials: runs.key.slice(0, trials),
        traces: { ...traced, first: new Int32Array(runs.key.length + 1) },
        solvers: Array.from({ length: solvers }, (_, s) => (
            { name: `s${s}`, title: `s${s}`, colour: "#0072B2", dash: "" })),
        problems: Array.from({ length: sizes }, (_, p) => (
            { name: `p-${p}`, title: `p-${p}`, family: "p", dimension: 4 << p, floor: 0 })),
    };
    const values = { problem: 0, start: 0, target: 3, cost: "calls", price: 1, hidden: [], runs: [] };
    values.figure = "profile";
    const watchers = [];
    const state = {
        get: (name) => values[name],
        declare: (name, value) => { values[name] ??= value; },
        set: (changed) => {
            Object.assign(values, changed);
            watchers.forEach((watcher) => watcher(Object.keys(changed)));
        },
        watch: (_, watcher) => watchers.push(watcher),
    };
    globalThis.state = state;
    for (const mount of [mountExplorer, mountSolverTable]) {
        mount(document.body.appendChild(document.createElement("div")), data, state);
    }
    state.set({ scope: "all" });
}"""
SLIDE = """async ([figure, steps]) => {
    state.set({ figure });
    await new Promise((done) => setTimeout(done, 1500));
    const request = globalThis.requestAnimationFrame;
    const times = [];
    for (let step = 0; step < steps; step += 1) {
        const waiting = [];
        globalThis.requestAnimationFrame = (callback) => waiting.push(callback);
        const begin = performance.now();
        state.set({ price: 0.1 + step / 7 });
        for (const callback of waiting) callback(begin);
        times.push(performance.now() - begin);
        globalThis.requestAnimationFrame = request;
        await new Promise(request);
    }
    times.sort((a, b) => a - b);
    return [times[steps >> 1], times[Math.floor(0.95 * steps)]];
}"""


def main() -> None:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        script = f"{bundle.script()}\nObject.assign(globalThis, {{ mountExplorer, mountSolverTable }});"
        page.set_content(f"<style>{bundle.style()}</style><body><main></main><script type=module>{script}</script>")
        page.wait_for_function("globalThis.mountExplorer !== undefined")
        page.evaluate(MOUNT, [SOLVERS, TRIALS, SIZES])
        for figure in FIGURES:
            median, p95 = page.evaluate(SLIDE, [figure, STEPS])
            print(f"{figure}: median {median:.1f} ms, p95 {p95:.1f} ms")
        browser.close()


if __name__ == "__main__":
    main()
