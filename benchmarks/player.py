"""How long the script of one picture of the page's player takes: two runs on 1,000 and on 50,250 places.

python benchmarks/player.py

Trails, names and the most wrong distances are on. What the browser does after the script is not in the milliseconds.
"""

import shutil

from playwright.sync_api import sync_playwright

from mdsbench.report.page import bundle

SIZES = ((1_000, 200), (50_250, 8))  # places, snapshots
MOUNT = """([n, k]) => {
    const zeros = () => new Float64Array(k);
    const counted = (from, step) => Float64Array.from({ length: k }, (_, f) => from + step * f);
    const noise = (size) => (Math.random() - 0.5) * size;
    const truth = Float32Array.from({ length: 2 * n }, () => noise(4000));
    const moving = () => Float32Array.from({ length: 2 * n * k }, (_, at) => truth[at % (2 * n)] + noise(600));
    const positions = [moving(), moving()];
    const trajectory = () => ({
        map: 0, frames: k, points: n, own: [1, 0, 0, 1], offset: [0, 0], iterations: counted(0, 1), gradients: zeros(),
        evaluations: counted(1, 1), products: zeros(), parts: zeros(), directional: zeros(), seconds: counted(0, 0.1),
        loss: counted(k, -1),
    });
    const two = (value) => [value, value];
    const runs = {
        problem: two(0), trial: two(0), solver: [0, 1], protocol: two(0), ending: two("budget"), trajectory: [0, 1],
        startLoss: two(k), finalLoss: two(1), dimension: two(2 * n), iterations: two(k), evaluations: two(k),
        gradients: two(0), products: two(0), parts: two(0), directional: two(0), seconds: two(1),
    };
    const labels = Array.from({ length: n }, (_, i) => `Place ${i}`);
    const data = {
        runs, trials: ["start"], protocols: [""], targets: [], arrivals: {}, traces: { first: [0, 0, 0] }, lands: [],
        solvers: [{ title: "A", colour: "#0072B2", uses: "gradient" },
            { title: "B", colour: "#D55E00", uses: "values" }],
        problems: [{ title: "places", map: 0, floor: 0 }], trajectories: [trajectory(), trajectory()],
        maps: [{ labels, truth, unit: "km", unitLength: 1, bounds: [-2200, -2200, 2200, 2200], land: -1 }],
        positions: async (j) => positions[j],
    };
    const values = { runs: [], clock: "iterations", price: 1, layout: "side", turn: "start", labels: "some",
        trail: true, residuals: true, follow: 3, at: 0, speed: 1 };
    const state = { get: (name) => values[name], set: (changed) => Object.assign(values, changed), watch() {} };
    globalThis.root = document.body.appendChild(document.createElement("div"));
    mountPlayer(root, data, state);
}"""
DRAW = """async () => {
    const times = [];
    for (let picture = 0; picture < 300; picture += 1) {
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        root.drawForTest((picture % 240) / 240);
        times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    return [times[150], times[285]];
}"""


def main() -> None:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        script = f"{bundle.script(entry='player/player.js')}\nglobalThis.mountPlayer = mountPlayer;"
        for size in SIZES:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_content(f"<style>{bundle.style()}</style><body><script type=module>{script}</script>")
            page.wait_for_function("globalThis.mountPlayer !== undefined")
            page.evaluate(MOUNT, size)
            page.wait_for_timeout(500)
            median, p95 = page.evaluate(DRAW)
            print(f"{size[0]:,} places: median {median:.1f} ms, p95 {p95:.1f} ms")
        browser.close()


if __name__ == "__main__":
    main()
