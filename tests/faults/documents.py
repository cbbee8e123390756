"""Documents for the faults: made up, different from each other, and each with a matter that only it has."""

from __future__ import annotations

from pathlib import Path

_RIVERS = "青溪 白河 石桥 柳湾 云岭 竹溪 沙坪 松坡 龙潭 梅江 双河 金沟 铜梁 凤山 花园 草坝".split()
_WORKS = "河道清淤 管网改造 道路整治 校舍加固 垃圾清运 林木补种 水质监测 扬尘治理".split()
_BODIES = "市水务局 市住建局 市交通局 市教育局 市城管局 市林业局 市环保局 市应急局".split()


def matter(number: int) -> tuple[str, str]:
    """Return the matter of a document and the body that leads it."""
    river, work = _RIVERS[number % len(_RIVERS)], _WORKS[number // len(_RIVERS) % len(_WORKS)]
    return f"{river}片区{number}号{work}", _BODIES[number % len(_BODIES)]


def text(number: int, *, month: int = 0) -> str:
    """Return a document of about 900 characters."""
    what, body = matter(number)
    due = month or number % 12 + 1
    lines = [f"{what}实施方案", "", "一、总体要求", f"围绕{what}，坚持问题导向，压实各方责任，确保按期完成。", ""]
    lines += ["二、重点任务"]
    for part, label in enumerate("一二三四五六", start=1):
        lines += [
            f"({label}){what}第{part}段。由{body}牵头，{_BODIES[(number + part) % 8]}配合，2025年{due}月底前完成"
            f"{number * 7 + part * 3}处点位的整改，并于每月{part + 4}日前报送进展。对逾期未完成的，按规定予以通报。"
        ]
    lines += ["", "三、保障措施", f"(一)加强领导。成立{what}工作专班。", "(二)强化督查。每季度开展一次检查。", ""]
    return "\n".join(lines)


def write(folder: Path, numbers: range) -> list[Path]:
    """Write the documents with these numbers, one file each, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04}.txt" for number in numbers]
    for number, path in zip(numbers, paths, strict=True):
        path.write_text(text(number), encoding="utf-8")
    return paths


def questions(numbers: range) -> list[str]:
    """Return a question about each of the documents with these numbers."""
    return [f"{matter(number)[0]}由谁牵头？" for number in numbers]
