import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.error import ReadError
from ingest.read import parse, read
from ingest.read.ocr import _whole_years
from ingest.read.reading import Limits

HANS = "关于印发污水管网改造方案的通知\n一、由市水务局牵头，12月底前完成。\n二、各区县按月报送进展，逾期通报。\n"
HANT = "關於印發污水管網改造方案的通知\n一、由市水務局牽頭，12月底前完成。\n二、各區縣按月報送進展，逾期通報。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_simplified_text_is_read_in_every_encoding_that_offices_use(encoding):
    assert parse(HANS.encode(encoding)).text == HANS


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "utf-16", "utf-16-le", "utf-16-be"])
def test_traditional_text_is_read_in_every_encoding_that_offices_use(encoding):
    assert parse(HANT.encode(encoding)).text == HANT


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs"])
def test_a_short_text_keeps_its_words(encoding):
    text = "请各单位抓好落实。" if encoding == "gb18030" else "請各單位抓好落實。"

    assert parse(text.encode(encoding)).text == text


def test_the_text_is_the_decoded_file_unchanged():
    text = "　标题\r\n\r\n正文。\t尾  \r\n"

    assert parse(text.encode()).text == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空的"),
        (b"  \n\n", "没有文字"),
        (b"\xff" * 4096, "没有文字"),
        (b"\x00" * 100, "没有文字"),
        (bytes(range(256)) * 20, "编码"),
        (b"Rar!\x1a\x07\x00" + bytes(range(0, 256, 3)) * 50, "RAR"),
        (b"\xef\xbb\xbf\xff\xfe\xfd abc", "无法解码"),
    ],
    ids=["empty", "blank", "0xFF", "NUL", "every byte", "RAR", "broken UTF-8"],
)
def test_what_is_no_text_is_refused_with_what_to_do(data, said):
    with pytest.raises(ReadError, match=said):
        parse(data)


def test_a_text_with_some_lost_characters_is_read_and_one_that_is_mostly_lost_is_not():
    text = HANS.replace("县", "\ufffd")

    assert parse(text.encode()).text == text
    with pytest.raises(ReadError, match="损坏"):
        parse(("\ufffd" * 30 + HANS).encode())


def test_a_half_character_is_not_lost_silently():
    data = HANS.encode("gb18030")

    with pytest.raises(ReadError):
        parse(data[:-2] + b"\xff\xff\xff" + data[-2:])


def test_a_file_that_is_missing_large_or_of_another_kind_is_refused(tmp_path):
    large = tmp_path / "large.txt"
    large.write_bytes("大".encode() * 1000)
    (tmp_path / "program.exe").write_bytes(b"MZ")
    limits = Limits(size=2000)

    with pytest.raises(ReadError, match="不存在"):
        read(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="上限"):
        read(large, limits)
    with pytest.raises(ReadError, match="暂不支持"):
        read(tmp_path / "program.exe")


def test_the_same_bytes_are_the_same_document(tmp_path):
    for name in ("a.txt", "b.md"):
        (tmp_path / name).write_text(HANS, encoding="utf-8")

    assert read(tmp_path / "a.txt")[0].id == read(tmp_path / "b.md")[0].id


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        document = parse(data)
    except ReadError:
        return
    assert document.text.strip()


def test_a_year_that_a_scan_shows_without_its_zero_is_whole_again() -> None:
    lines = [
        "截至二二五年九月三十日，自二",
        "二六年起，第一二五年度，于二二五",
        "年底；共十二二五年，一",
        "一四年十二月",
    ]
    around = zip(["", *lines], lines, [*lines[1:], ""], strict=False)

    whole = [_whole_years(*line) for line in around]

    assert whole == ["截至二〇二五年九月三十日，自二〇", "二六年起，第一二五年度，于二〇二五", *lines[2:]]
    assert _whole_years("", "二五年十二月底前", "") == "〇二五年十二月底前"  # the first line of a page
