"""The pieces of an application: decompression, project directory, definitions, macros, compound files; by bytes."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.access.application import Application, DefinitionNode, Form, compound, definition, macros, storage, vba
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.compression import decompress
from wizard.access.application.inspect import describe
from wizard.access.application.model import Macro, Module, ModuleKind

MOST = 1 << 20

# the three examples of MS-OVBA 3.2
NO_COMPRESSION = (
    "01 19 b0 00 61 62 63 64 65 66 67 68 00 69 6a 6b 6c 6d 6e 6f 70 00 71 72 73 74 75 76 2e",
    b"abcdefghijklmnopqrstuv.",
)
NORMAL = (
    "01 2f b0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6a 01 38 08 61 6b 6c 00 30 6d 6e 6f"
    " 70 06 71 02 70 04 10 72 73 74 75 76 10 77 78 79 7a 00 3c",
    b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
)
MAXIMUM = ("01 03 b0 02 61 45 00", b"a" * 73)


@pytest.mark.parametrize(("packed", "plain"), [NO_COMPRESSION, NORMAL, MAXIMUM])
def test_the_specification_s_examples_unfold(packed: str, plain: bytes) -> None:
    assert decompress(bytes.fromhex(packed), MOST) == plain


def packed(data: bytes) -> bytes:
    """A compressor by MS-OVBA 2.4.1.3, simple and slow, that copies wherever it can."""
    out = bytearray(b"\1")
    for begin in range(0, len(data), 4096):
        chunk = data[begin : begin + 4096]
        body = bytearray()
        at = 0
        while at < len(chunk):
            flags, tokens = 0, bytearray()
            for bit in range(8):
                if at >= len(chunk):
                    break
                bits = max((at - 1).bit_length(), 4) if at else 4
                longest = (0xFFFF >> bits) + 3
                size, back = match(chunk, at, longest)
                if size >= 3:
                    flags |= 1 << bit
                    tokens += struct.pack("<H", (back - 1) << (16 - bits) | (size - 3))
                    at += size
                else:
                    tokens.append(chunk[at])
                    at += 1
            body += bytes([flags]) + tokens
        if len(body) > 4096:
            out += struct.pack("<H", 0x3FFF) + chunk.ljust(4096, b"\0")
        else:
            out += struct.pack("<H", 0xB000 | (len(body) - 1)) + body
    return bytes(out)


def match(chunk: bytes, at: int, longest: int) -> tuple[int, int]:
    best, back = 0, 0
    for origin in range(max(at - 300, 0), at):
        size = 0
        while size < longest and at + size < len(chunk) and chunk[origin + size] == chunk[at + size]:
            size += 1
        if size > best:
            best, back = size, at - origin
    return best, back


@given(
    st.lists(
        st.sampled_from([b"Dim x As Long\r\n", b"End Sub\r\n", b"\0\xff", b"a"]) | st.binary(max_size=9), max_size=200
    )
)
def test_what_was_compressed_unfolds_to_itself(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert decompress(packed(data), MOST).rstrip(b"\0") == data.rstrip(b"\0")


@given(st.binary(max_size=300))
def test_any_bytes_unfold_or_are_refused(data: bytes) -> None:
    for candidate in (data, b"\1" + data, b"\1" + struct.pack("<H", 0xB000 | max(len(data) - 3, 0) & 0xFFF) + data):
        try:
            assert len(decompress(candidate, 5000)) <= 5000
        except DamagedError:
            continue


def test_a_bomb_is_refused_before_it_is_large() -> None:
    chunk = bytes.fromhex("03b00261fb0f")  # six bytes that stand for 4096
    with pytest.raises(DamagedError, match="larger"):
        decompress(b"\1" + chunk * 100_000, 1 << 16)


def test_a_copy_from_before_the_chunk_is_refused() -> None:
    with pytest.raises(DamagedError, match="copied"):
        decompress(bytes.fromhex("0102b0010000"), MOST)


# --- the directory of a project


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def test_the_directory_ties_random_streams_to_modules() -> None:
    directory = (
        record(0x03, struct.pack("<H", 1251))
        + struct.pack("<HI", 0x09, 4)
        + bytes(6)
        + record(0x16, b"DAO")
        + record(0x3E, "DAO".encode("utf-16-le"))
        + record(0x0D, struct.pack("<I", 9) + b"*\\G{0}#1#" + bytes(6))
        + record(0x19, "Код".encode("cp1251"))
        + record(0x1A, b"QWERTY")
        + record(0x31, struct.pack("<I", 3))
        + record(0x21, b"")
        + record(0x19, b"Form_Orders")
        + record(0x22, b"")
        + record(0x19, b"Stack")
        + record(0x22, b"")
    )
    found = vba.directory(packed(directory), vba.Budget())
    assert [(m.name, m.stream, m.offset, m.kind) for m in found.modules] == [
        ("Код", "QWERTY", 3, ModuleKind.STANDARD),
        ("Form_Orders", "", 0, ModuleKind.FORM),
        ("Stack", "", 0, ModuleKind.CLASS),
    ]
    assert [(r.name, r.library) for r in found.references] == [("DAO", "*\\G{0}#1#")]
    source = 'Attribute VB_Name = "Код"\r\n\r\n\' привет\r\nSub A()\r\nEnd Sub\r\n'.encode("cp1251")
    module = vba.module(found.modules[0], b"\7\7\7" + packed(source), found.code_page, vba.Budget())
    assert module.code == "' привет\nSub A()\nEnd Sub"
    assert module.lines == 3


def test_source_of_more_lines_than_vba_takes_is_refused() -> None:
    listed = vba.Listed("A", "S", 0, standard=True)
    whole = vba.module(listed, packed(b"\n" * 65_534 + b"\nAttribute x.y = 1" * 9), "cp1252", vba.Budget())
    assert whole.source is not None
    with pytest.raises(DamagedError, match="more than 65,534 lines"):
        vba.module(listed, packed(b"\n" * 65_535), "cp1252", vba.Budget())


def test_a_stream_that_ends_where_source_would_begin_was_compiled() -> None:
    listed = vba.Listed("A", "S", 3, standard=True)
    assert vba.module(listed, b"\7\7\7", "cp1252", vba.Budget()).source is None
    assert vba.module(listed, None, "cp1252", vba.Budget()).source is None


def test_source_of_a_project_is_counted() -> None:
    budget = vba.Budget(left=5)
    with pytest.raises(DamagedError, match="larger"):
        budget.unfold(packed(b"longer than five"))


# MS-OVBA 3.1.1 (`ProjectPassword`): a project without a password; below, `encrypted` is the inverse of 2.4.3.2
def encrypted(data: bytes, seed: int = 0x41, key: int = 0x73) -> bytes:
    out = [seed, seed ^ 2, seed ^ key]
    plain, last, before = key, out[2], out[1]
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(data)) + data:
        sent = byte ^ (before + plain & 0xFF)
        before, last, plain = last, sent, byte
        out.append(sent)
    return bytes(out)


@pytest.mark.parametrize(("data", "has"), [(b"\0", False), (b"\xff" * 29, True)])
def test_a_password_of_the_project_is_seen(data: bytes, has: bool) -> None:
    for seed in (0x41, 0x07, 0xFE):
        stream = b'ID="{0}"\r\nDPB="' + encrypted(data, seed).hex().upper().encode() + b'"\r\nGC=""\r\n'
        assert vba.has_password(stream) is has


def test_access_97_keeps_source_at_the_tail_of_the_first_stream() -> None:
    source = b'Attribute VB_Name = "Tools"\r\nSub A()\r\nEnd Sub\r\n'
    stream = b"\xaa" * 40 + packed(source)
    name = "_VBA_MODULE\0".encode("utf-16-le")
    value = struct.pack("<HHI", 0x1269, 4, 1) + bytes([len(name)]) + name + struct.pack("<I", len(stream)) + stream
    module = vba.module_97("Tools", value, "cp1252", vba.Budget())
    assert module.code == "Sub A()\nEnd Sub"


# --- definitions


def compact(slot: int, data: bytes) -> bytes:
    return bytes([slot, len(data)]) + data


def wide(slot: int, kind: int, data: bytes, number: int = 0x300) -> bytes:
    return struct.pack("<IHIII", slot, number, kind, len(data), len(data)) + data


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def compact_form(form: int, text: bytes, control: bytes) -> bytes:
    box = struct.pack("<H", 109) + b"\x02" + compact(220, control) + compact(221, text) + b"\xfd"
    section = struct.pack("<H", 152) + compact(223, control) + b"\xff\1\0" + box
    return struct.pack("<HHIH", form, form, 0, 0x96) + compact(220, text) + b"\xfe" + section


@pytest.mark.parametrize(("form", "codec"), [(0x11, "cp1252"), (0x13, "utf-16-le")])
def test_a_compact_definition_is_read_by_slot(form: int, codec: str) -> None:
    node = definition.read(compact_form(form, "Größe".encode(codec), "Box".encode(codec)), "cp1252")
    read = Form("F", node)
    assert read.record_source == "Größe"
    assert [(c.name, c.type_name, c.text("ControlSource")) for c in read.controls] == [
        ("Box", "Section", ""),
        ("Box", "TextBox", "Größe"),
    ]
    assert len(read.controls[1].not_default) == 1


def test_a_long_value_of_the_compact_form_says_its_length_after_ff() -> None:
    text = utf16("x" * 40_000)
    blob = struct.pack("<HHIHBBHI", 0x13, 0x13, 0, 0x96, 220, 0xFF, 0xFFFF, len(text)) + text + b"\xfd"
    assert Form("F", definition.read(blob, "cp1252")).record_source == "x" * 40_000


def test_a_wide_definition_keeps_what_it_cannot_name() -> None:
    blob = struct.pack("<HHIH", 0x15, 0x15, 0, 0x96)
    blob += wide(220, 12, utf16("Orders")) + wide(999, 12, utf16("odd")) + wide(998, 9, b"\1\2") + wide(997, 1, b"")
    node = definition.read(blob + struct.pack("<I", 0xFD), "cp1252")
    assert node.properties == {"RecordSource": "Orders", "slot 999": "odd", "slot 998": b"\1\2"}
    assert node.not_default == ("slot 997",)


def test_what_the_compact_form_cannot_hold_is_laid_over() -> None:
    blob = struct.pack("<HHIH", 0x13, 0x13, 0, 0x96) + compact(220, utf16("T")) + b"\xfd"
    delta = struct.pack("<HHIH", 0x14, 0x14, 0, 0x96) + wide(256, 12, utf16("=A()")) + struct.pack("<I", 0xFD)
    assert definition.read(blob, "cp1252", delta).properties == {"RecordSource": "T", "OnUndo": "=A()"}


def test_nesting_and_counts_are_bounded() -> None:
    head = struct.pack("<HHIH", 0x13, 0x13, 0, 0x96)
    with pytest.raises(DamagedError, match="nested"):
        definition.read(head + b"\xfe\x6d\0" * 5000, "cp1252")
    flat = struct.pack("<H", 109) + b"\xfd"
    nest = b"".join(struct.pack("<H", 152) + b"\xff\xff\xff" + flat * 65535 for _ in range(2))
    with pytest.raises(DamagedError, match="nested"):
        definition.read(head + b"\xff\2\0" + nest, "cp1252")


@given(st.binary(max_size=200), st.sampled_from([0x11, 0x13, 0x14, 0x15, 7]))
def test_any_bytes_are_a_definition_or_are_refused(data: bytes, form: int) -> None:
    try:
        node = definition.read(struct.pack("<HHIH", form, form, 0, 0x96) + data, "cp1252", data)
    except DamagedError:
        return
    describe(Application(forms=(Form("F", node),)))


def test_a_damaged_definition_gives_a_node_or_is_refused() -> None:
    good = compact_form(0x13, utf16("Orders"), utf16("Box"))
    random_ = random.Random(7)
    for _ in range(2000):
        blob = bytearray(good)
        blob[random_.randrange(len(blob))] = random_.randrange(256)
        try:
            assert isinstance(definition.read(bytes(blob), "cp1252"), DefinitionNode)
        except DamagedError:
            continue


# --- macros


def macro_row(action: int, *arguments: str | None, comment: str | None = None, condition: str | None = None) -> bytes:
    area = b""
    offsets = []
    for text in (None, comment, condition, None, *arguments, *[None] * (10 - len(arguments))):
        offsets.append(0xFFFF if text is None else len(area))
        area += b"" if text is None else utf16(text + "\0")
    return struct.pack("<17H", action, 1, *offsets, len(area)) + area + b"\0\0"


def test_a_macro_s_rows_are_read_with_unknown_actions_by_number() -> None:
    blob = (
        macro_row(3) + macro_row(23, "Orders", "0", None, "[ID]=1") + macro_row(35, "DELETE FROM T", condition="[A]>1")
    )
    blob += macro_row(4711, "x") + macro_row(0, comment="note") + macro_row(0, comment="_AXL:<a>")
    found = macros.actions("M", blob + macro_row(0, comment="_AXL:</a>"))
    assert [(a.name, a.arguments, a.condition, a.comment) for a in found.actions] == [
        ("OpenForm", ("Orders", "0", "", "[ID]=1"), "", ""),
        ("RunSQL", ("DELETE FROM T",), "[A]>1", ""),
        ("Action 4711", ("x",), "", ""),
        ("", (), "", "note"),
    ]
    assert found.xml == "<a></a>"


@given(st.binary(max_size=200))
def test_any_bytes_are_macros_or_are_refused(data: bytes) -> None:
    for read in (lambda: macros.actions("M", data), lambda: [*macros.data_macros("T", b"MR2\0" + data)]):
        try:
            read()
        except DamagedError:
            continue


def test_data_macros_are_read_with_their_events() -> None:
    def chunk(kind: int, body: bytes) -> bytes:
        return struct.pack("<IH", len(body) + 6, kind) + body

    name, xml = utf16("AfterUpdate"), utf16("<DataMacro/>")
    value = struct.pack("<BBHI", 0, 12, 0, len(xml)) + xml
    value = struct.pack("<I", len(value) + 4) + value
    blob = b"MR2\0" + chunk(0x80, struct.pack("<H", len(name)) + name) + chunk(3, struct.pack("<IIH", 10, 0, 0) + value)
    assert [(m.event, m.xml) for m in macros.data_macros("T", blob)] == [("AfterUpdate", "<DataMacro/>")]


# --- where the parts lie


def test_entries_that_form_a_circle_are_left_out() -> None:
    def entry(number: int, parent: int, kind: int, name: str, data: bytes | None = None) -> dict[str, object]:
        return {"Id": number, "ParentId": parent, "Type": kind, "Name": name, "Lv": data}

    rows = [
        entry(1, 1, 1, "MSysAccessStorage_ROOT"),
        entry(2, 1, 1, "Forms"),
        entry(3, 2, 1, "0"),
        entry(4, 3, 2, "Blob", b"x"),
        entry(5, 6, 1, "a"),
        entry(6, 5, 1, "b"),
        entry(7, 6, 2, "lost", b"y"),
        entry(8, 99, 2, "lost too", b"y"),
    ]
    assert storage.tree_of_rows(rows) == {("forms", "0", "blob"): b"x"}


def compound_file(name: str, data: bytes) -> bytes:
    """A file of version 3 with one stream of more than the cutoff in a storage `Forms`: FAT, directory, the stream."""
    need = -(-len(data) // 512)
    head = bytearray(512)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III", head, 44, 1, 1, 0)
    struct.pack_into("<IIIII", head, 56, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + need), 0xFFFFFFFE]

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = (title + "\0").encode("utf-16-le")
        nobody = 0xFFFFFFFF
        made = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, nobody, nobody, child)
        return made.ljust(116, b"\0") + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Forms", 1, 2, 0, 0)
    directory += entry(name, 2, 0xFFFFFFFF, 2, len(data))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return bytes(head) + table + directory.ljust(512, b"\0") + data.ljust(need * 512, b"\0")


def pieces(data: bytes, chunk: int = 700) -> list[dict[str, object]]:
    """Rows as MSysAccessObjects has them: pieces of zeros are absent."""
    rows: list[dict[str, object]] = [{"ID": 0, "Data": struct.pack("<II", 5, len(data))}]
    for number, at in enumerate(range(0, len(data), chunk), 1):
        if any(data[at : at + chunk]):
            rows.append({"ID": number, "Data": data[at : at + chunk]})
    return rows


def test_absent_pieces_of_the_compound_file_are_zeros() -> None:
    data = b"begin" + bytes(5000) + b"end"
    rows = pieces(compound_file("Blob", data))
    assert max(int(str(r["ID"])) for r in rows) >= len(rows)
    assert storage.tree_of_pieces(rows, 1 << 20) == {("forms", "blob"): data}


def test_a_compound_file_is_no_larger_than_the_database() -> None:
    rows: list[dict[str, object]] = [{"ID": 0, "Data": struct.pack("<II", 5, 9)}, {"ID": 2**31 - 1, "Data": b"x" * 99}]
    with pytest.raises(DamagedError, match="says"):
        storage.tree_of_pieces(rows, 1 << 20)


def test_a_damaged_compound_file_gives_streams_or_is_refused() -> None:
    good = compound_file("Blob", bytes(range(256)) * 20)
    random_ = random.Random(3)
    for _ in range(3000):
        data = bytearray(good)
        at = random_.randrange(1200)
        data[at : at + 4] = random_.choice((b"\0\0\0\0", b"\1\0\0\0", b"\xff\xff\xff\xff", random_.randbytes(4)))
        try:
            compound.streams(bytes(data))
        except DamagedError:
            continue


# --- shown


def test_passwords_in_a_form_are_cut_out() -> None:
    connect = "SELECT * FROM [ODBC;DSN=x;UID=sa;PWD=hunter2].[t]"
    step = macros.actions("M", macro_row(3) + macro_row(35, connect))
    node = DefinitionNode(150, {"RecordSource": connect, "OnClickEmMacro": step, "Tag": "ODBC;DSN=x;PWD=hunter2"})
    module = Module("M", ModuleKind.STANDARD, 's = "ODBC;PWD=hunter2"')
    shown = describe(Application(forms=(Form("F", node),), macros=(Macro("M", step.actions),), modules=(module,)))
    assert "hunter2" not in str(shown)
    assert "DSN=x" in str(shown)
