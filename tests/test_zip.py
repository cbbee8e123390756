import io
import stat
import zipfile

import pytest

from ingest.error import ReadError
from ingest.read.file import pieces
from ingest.read.reading import Limits
from ingest.read.zip import members
from tests.office import docx, packed, paragraph

TEXT = "各单位要抓好落实，按时完成任务。\n"


def archive(*infos: tuple[zipfile.ZipInfo | str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data in infos:
            made.writestr(info, data)
    return out.getvalue()


def outcome(data: bytes, **limits) -> dict[str, str]:
    """Return what became of each member: its text, or why it was not read."""
    found = pieces(data, ".zip", Limits(**limits))
    return {piece.path: piece.document.text if piece.document else piece.why for piece in found}


def test_members_are_read_under_their_paths_and_a_bad_one_does_not_stop_the_others():
    inner = packed({"内层/丙.txt": TEXT})
    data = packed({"目录/甲.txt": TEXT, "乙.docx": docx(paragraph("乙的内容")), "坏.docx": b"PK\x03\x04", "包.zip": inner, "__MACOSX/甲": b"x"})  # fmt: skip

    found = outcome(data)

    assert found["目录/甲.txt"] == found["包.zip/内层/丙.txt"] == TEXT
    assert found["乙.docx"] == "乙的内容\n"
    assert "损坏" in found["坏.docx"]
    assert set(found) == {"目录/甲.txt", "乙.docx", "坏.docx", "包.zip/内层/丙.txt"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "big5"])
def test_names_in_the_code_page_of_whoever_packed_them(encoding):
    marker = "N" * len("測試文件.txt".encode(encoding))
    data = archive((marker, TEXT)).replace(marker.encode(), "測試文件.txt".encode(encoding))

    path = next(members(data, Limits())).path

    assert (
        path == "測試文件.txt" or encoding == "big5"
    )  # those bytes may be GB18030 as well, which is met far more often


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd.txt", "C:\\a.txt", "a/../../b.txt", "..\\..\\a.txt"])
def test_a_name_that_leads_outside_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert all("压缩包之外" in why for why in outcome(archive((name, TEXT))).values())
    assert list(tmp_path.iterdir()) == []


def test_links_locked_members_and_misleading_names():
    link = zipfile.ZipInfo("链接.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    locked = bytearray(archive(("锁.txt", TEXT)))
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1

    assert "符号链接" in outcome(archive((link, "/etc/passwd")))["链接.txt"]
    assert "密码" in outcome(bytes(locked))["锁.txt"]
    assert outcome(archive(("报告\u202etxt.exe.txt", TEXT))) == {"报告<202e>txt.exe.txt": TEXT}


def test_a_name_of_255_bytes_and_one_of_10_000():
    assert outcome(archive(("长" * 83 + ".txt", TEXT))) == {"长" * 83 + ".txt": TEXT}
    assert list(outcome(archive(("n" * 10_000 + ".txt", TEXT))).values()) == [TEXT]


def test_bombs_flat_nested_and_of_many_members_are_refused_before_they_unpack():
    flat = archive(("大.txt", bytes(60_000_000)))
    nested = archive(*((f"{at}.zip", archive(("大.txt", bytes(3_000_000)))) for at in range(4)))
    many = archive(*((f"{at}.txt", "") for at in range(60)))

    with pytest.raises(ReadError, match="上限"):
        outcome(flat, unpacked=50_000_000)
    assert sum("上限" in why for why in outcome(nested, unpacked=7_000_000).values()) == 2
    with pytest.raises(ReadError, match="上限"):
        outcome(many, members=50)
    assert "上限" in outcome(flat, size=1_000_000)["大.txt"]


def test_archives_in_archives_without_end():
    data = packed({"甲.txt": TEXT})
    for _ in range(10):
        data = packed({"包.zip": data})

    assert outcome(data) == {"包.zip/包.zip/包.zip": "压缩包套了 3 层以上：请解压后导入"}


def test_a_member_whose_size_is_a_lie_is_damaged_not_endless():
    data = bytearray(archive(("甲.txt", bytes(5_000_000))))
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")

    assert "损坏" in outcome(bytes(data), unpacked=1000)["甲.txt"]


def test_an_empty_and_a_cut_archive():
    with pytest.raises(ReadError, match="没有文件"):
        outcome(archive())
    with pytest.raises(ReadError, match="损坏"):
        outcome(packed({"甲.txt": TEXT})[:-30])
