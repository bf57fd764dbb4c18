"""Makes a vault of linked notes as Obsidian keeps them; the same count makes the same vault, and it tells what is in it."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

WORDS = (
    "coffee valve machine customer service refund depot morning seal descaling counter invoice loan visit "
    "promise answer letter queue café größe team handover praise complaint manual"
).split()
FOLDERS = ("", "Daily", "Projects", "Projects/Loan machines", "People", "Référence")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(60)


@dataclass
class Vault:
    """What a vault has, counted while it is made."""

    notes: int = 0
    links: int = 0  # to notes that are there
    missing: int = 0
    pictures: int = 0  # shown, each once for every note that shows it
    aliases: int = 0
    targets: dict[str, set[str]] = field(default_factory=dict)  # by note, the notes that it links to


def write_vault(path: Path, count: int) -> Vault:
    """Write so many notes with pictures."""
    chance, vault = Random(7), Vault()
    titles = [f"{chance.choice(WORDS).title()} {chance.choice(WORDS)} {number}" for number in range(count)]
    places = [FOLDERS[number % len(FOLDERS)] for number in range(count)]
    (path / ".obsidian").mkdir(parents=True)
    (path / ".obsidian" / "app.json").write_text("{}")
    pictures = [f"Attachments/Picture {number}.png" for number in range(max(1, count // 10))]
    for number, picture in enumerate(pictures):
        (path / picture).parent.mkdir(exist_ok=True)
        (path / picture).write_bytes(PICTURE + bytes([number % 256, number // 256]))
    for number, title in enumerate(titles):
        text = _note(chance, vault, number, titles, places, pictures)
        (path / places[number]).mkdir(parents=True, exist_ok=True)
        (path / places[number] / f"{title}.md").write_text(text, encoding="utf-8")
        vault.notes += 1
    return vault


def _note(chance: Random, vault: Vault, number: int, titles: list[str], places: list[str], pictures: list[str]) -> str:
    seen = vault.targets.setdefault(titles[number], set())
    lines = []
    if number % 3 == 0:
        lines += [
            "---",
            f"tags: [topic/{WORDS[number % 7]}, {WORDS[number % 11]}]",
            f"created: 2024-01-{number % 28 + 1:02}",
        ]
        if number % 9 == 0:
            lines.append(f"aliases: [Also known as {number}]")
            vault.aliases += 1
        lines.append("---")
    if number % 2:
        lines += [f"# {titles[number]}", ""]
    for _ in range(3):
        lines += [" ".join(chance.choices(WORDS, k=30)).capitalize() + f". #{chance.choice(WORDS)}", ""]
    for _ in range(chance.randint(1, 5)):
        other = chance.randrange(len(titles))
        lines += [_link(chance, titles[other], places[other]), ""]
        vault.links += 1
        seen.add(titles[other])
    if number % 50 == 0:
        lines += [f"See [[Never written {number}]].", ""]
        vault.missing += 1
    if number % 4 == 0:
        lines += [f"![[{pictures[number % len(pictures)].rpartition('/')[2]}|300]]", ""]
        vault.pictures += 1
    if number % 5 == 0:
        lines += ["> [!tip] Worth a try", f"> {chance.choice(WORDS)}", "", "```python", "x = [[1, 2], [3]]", "```", ""]
    if number % 7 == 0:
        lines += [f"Said before. ^b{number}", ""]
    return "\n".join(lines)


def _link(chance: Random, title: str, place: str) -> str:
    path = f"{place}/{title}" if place else title
    ways = (f"[[{title}]]", f"[[{path}]]", f"[[{title}|so it is]]", f"[[{path}#Some heading|there]]", f"![[{title}]]")
    return f"{chance.choice(WORDS)} {chance.choice(ways)} {chance.choice(WORDS)}."
