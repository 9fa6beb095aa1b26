"""Creates the table of prices from the newest litellm on PyPI.

python3 tools/prices.py writes `inst/prices.tsv`: OpenAI's list prices as litellm (MIT licence)
has them in `model_prices_and_context_window.json`, in US dollars per million tokens. A line
applies to a model, a service tier, and requests with more than `above` input tokens.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

TABLE = pathlib.Path(__file__).resolve().parent.parent / "inst/prices.tsv"

MODES = (
    "audio_speech", "audio_transcription", "chat", "embedding", "image_generation", "moderation",
    "responses",
)
# The columns of the table, and the names of these prices in litellm.
PRICES = {
    "input": "input_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "output": "output_cost_per_token",
    "audio_input": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
    "image_input": "input_cost_per_image_token",
    "image_output": "output_cost_per_image_token",
}
TIERS = {"standard": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
# The number of input tokens above which a request costs more.
THRESHOLDS = {0: "", 272_000: "_above_272k_tokens"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "litellm"]
        subprocess.run([*command, "--dest", folder], check=True)
        wheel = next(pathlib.Path(folder).glob("litellm-*.whl"))
        version = wheel.name.split("-")[1]
        models = read(wheel)
    lines = [f"# litellm {version}, {datetime.date.today()}"]
    lines.append("\t".join(["model", "tier", "above", *PRICES, "max_output_tokens"]))
    for name, model in sorted(models.items()):
        lines += lines_of(name, model)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(wheel):
    """The entries of OpenAI's models with a price per token in the data of litellm."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [name for name in archive.namelist() if "/model_prices_and" in name]
        models = json.loads(archive.read(path))
    return {
        name: model
        for name, model in models.items()
        if model.get("litellm_provider") == "openai" and model["mode"] in MODES and "/" not in name
    }


def lines_of(name, model):
    """The lines of a model: one for each tier and threshold with its own prices."""
    for tier, tier_suffix in TIERS.items():
        for above, suffix in THRESHOLDS.items():
            prices = [model.get(price + suffix + tier_suffix) for price in PRICES.values()]
            if any(price is not None for price in prices):
                limit = model.get("max_output_tokens", "")
                yield "\t".join([name, tier, str(above), *map(per_million, prices), str(limit)])


def per_million(price):
    """Converts a price per token to a price per million tokens, as text."""
    return "" if price is None else f"{price * 1e6:.10g}"


if __name__ == "__main__":
    main()
