"""What a file is, by what is in it: PDF, ODT or DOCX, and nothing that runs.

Nothing is ever executed, converted or shown here. A file is looked at so that the person it is
shared with gets a document and not a surprise. That is no virus scanner: what is hidden inside a
PDF's compressed objects is not seen.

What is looked for follows the formats' own specifications: ISO 32000 (PDF), ISO/IEC 26300 part 3
(a package of OpenDocument begins with its `mimetype`, stored), ECMA-376 part 2 (content types and
relationships of Office Open XML).
"""

import re
import zipfile
import zlib
from enum import StrEnum
from typing import BinaryIO

import puremagic

from mentorship.foundation.errors import Refusal

#: The largest file, in bytes.
LARGEST = 10 * 1024 * 1024
#: The most that a package may unpack to, in bytes and in entries: no document of 10 MB needs more.
UNPACKED = 100 * 1024 * 1024
ENTRIES = 2_000
#: The longest part of a package that is read for what it says.
_READ = 2 * 1024 * 1024
_STEP = 64 * 1024


class Format(StrEnum):
    PDF = "pdf"
    ODT = "odt"
    DOCX = "docx"

    @property
    def label(self) -> str:
        return self.upper()

    @property
    def mime_type(self) -> str:
        return _MIME_TYPES[self]


_MIME_TYPES = {
    Format.PDF: "application/pdf",
    Format.ODT: "application/vnd.oasis.opendocument.text",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_WORD_BODY = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


class TooLarge(Refusal):
    sentence = "Files may have at most 10 MB. Export it again with smaller pictures, or as PDF."


class Empty(Refusal):
    sentence = "That file is empty. Perhaps it was still being saved: choose it again."


class NotADocument(Refusal):
    """It is something else than PDF, ODT or DOCX."""

    sentence = "We take PDF, ODT and DOCX. This is something else, whatever its name says."


class Damaged(Refusal):
    sentence = "This file is damaged or cut short. Open it yourself, save it again, then send it."


class Locked(Refusal):
    sentence = "This file is protected by a password. Save it without one, then send it."


class HasCode(Refusal):
    """It holds something that runs, or fetches something, when it is opened."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This file holds {what}. Save it without, or export it as PDF, then send that."
        )


class TwoInOne(Refusal):
    sentence = "This file is two kinds of file at once. Export it as PDF, and send that."


class TooMuchInside(Refusal):
    sentence = (
        "This file unpacks to far more than a document needs. Export it as PDF, and send that."
    )


def of(content: BinaryIO) -> tuple[Format, int]:
    """What a file is, and its size in bytes. It stays open, at its beginning.

    :raises TooLarge, Empty: its size alone says no.
    :raises NotADocument: it is none of the three.
    :raises Damaged, Locked, TwoInOne, TooMuchInside: it is one that cannot be passed on.
    :raises HasCode: there are macros in it, scripts, embedded objects, or it fetches a template.
    """
    size = content.seek(0, 2)
    if size > LARGEST:
        raise TooLarge
    if size == 0:
        raise Empty
    content.seek(0)
    head = content.read(2048)
    try:
        if head.startswith(b"%PDF-"):
            _look_into_pdf(content, size)
            return Format.PDF, size
        if head.startswith(b"PK\x03\x04"):
            if b"%PDF-" in head:
                raise TwoInOne
            return _look_into_package(content), size
    finally:
        content.seek(0)
    raise _something_else(head)


def _something_else(head: bytes) -> NotADocument:
    """A no that says what it looks like, where that can be said."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return NotADocument(
            "This is a Word file of the old kind, or one with a password. Save it as DOCX without a"
            " password, or export it as PDF."
        )
    try:
        looks_like = puremagic.magic_string(head)[0].extension.lstrip(".").upper()
    except (puremagic.PureError, IndexError, ValueError):
        looks_like = ""
    if not looks_like.isalnum():
        return NotADocument()
    return NotADocument(
        f"We take PDF, ODT and DOCX. By what is in it, this looks like {looks_like}, whatever its"
        " name says."
    )


# PDF

#: A script, and an order to start a program; a name may be spelled with #xx for any letter.
_RUNS = re.compile(rb"/(?:JavaScript|JS|Launch|XFA)(?=[\s/<>\[\](]|$)")
_SPELLED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM, _STREAM_ENDS = re.compile(rb"\bstream\r?\n"), b"endstream"


def _look_into_pdf(content: BinaryIO, size: int) -> None:
    content.seek(0)
    whole = content.read(size)  # at most 10 MB
    if b"%%EOF" not in whole[-2048:]:
        raise Damaged
    if zipfile.is_zipfile(content):
        raise TwoInOne
    names = _SPELLED.sub(lambda two: bytes([int(two[1], 16)]), _outside_streams(whole))
    if _RUNS.search(names):
        raise HasCode("a script or a command")
    if b"/EmbeddedFile" in names:
        raise HasCode("another file")
    if b"/Encrypt" in names:
        raise Locked


def _outside_streams(whole: bytes) -> bytes:
    """A PDF without the bytes of its streams, which mean nothing here.

    Read once from its beginning to its end: a pattern with both ends in it would look for the end
    of the file anew at each stream that has none, for hours.
    """
    kept, at = [], 0
    for begins in _STREAM.finditer(whole):
        if begins.start() < at:
            continue
        ends = whole.find(_STREAM_ENDS, begins.end())
        if ends < 0:
            break
        kept.append(whole[at : begins.start()])
        at = ends + len(_STREAM_ENDS)
    return b"".join([*kept, whole[at:]])


# Packages: ODT and DOCX

#: Where a package keeps what runs, and what was made elsewhere.
_CODE = re.compile(
    r"(?:^|/)(?:vbaProject\.bin|vbaData\.xml|activeX/|Basic/.|Scripts/.)|\.(?:exe|dll|js|vbs|jar)$",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"(?:^|/)(?:embeddings|oleObject\d*)[/.]", re.IGNORECASE)
#: How an old Office file, a Windows program, a Linux program and a script begin.
_STARTS = (b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF", b"#!")
_RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*>")
_FETCHED = re.compile(rb"/(?:attachedTemplate|oleObject|frame|subDocument|aFChunk)[\"']")
#: A target on a network. Word also names templates on its own machine, which fetch nothing.
_ELSEWHERE = re.compile(rb"Target\s*=\s*[\"'](?:https?:|ftp:|mhtml:|\\\\|//|file:////|file://[^/])")


def _look_into_package(content: BinaryIO) -> Format:
    try:
        with zipfile.ZipFile(content) as package:
            found = _format_of(package)
            for entry in package.infolist():
                _look_into_entry(package, entry)
            return found
    except NotImplementedError as no:  # a compression that no writer of documents uses
        raise Damaged from no
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as no:
        raise Damaged from no


def _format_of(package: zipfile.ZipFile) -> Format:
    entries = package.infolist()
    # These sizes are what the package says; nothing is unpacked further than it has said.
    if len(entries) > ENTRIES or sum(one.file_size for one in entries) > UNPACKED:
        raise TooMuchInside
    if any(one.flag_bits & 1 for one in entries):
        raise Locked
    names = [one.filename for one in entries]
    if len(set(names)) != len(names) or any(_climbs(name) for name in names):
        raise Damaged
    is_odt = entries[0].filename == "mimetype" and "content.xml" in names
    is_docx = "[Content_Types].xml" in names
    if is_odt and is_docx:
        raise TwoInOne
    if is_odt and package.open("mimetype").read(100) == Format.ODT.mime_type.encode():
        return Format.ODT
    if is_docx:
        types = package.open("[Content_Types].xml").read(_READ)
        if b"macroEnabled" in types:
            raise HasCode("macros")
        if _WORD_BODY in types and "word/document.xml" in names:
            return Format.DOCX
    raise NotADocument


def _climbs(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name


def _look_into_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack an entry once, a little at a time, and keep none of it."""
    if _CODE.search(entry.filename):
        raise HasCode("macros or a program")
    if _OBJECT.search(entry.filename):
        raise HasCode("an embedded object")
    kept = b""
    wanted = entry.filename.lower().endswith(".rels")
    with package.open(entry) as part:
        first = part.read(_STEP)
        if first.startswith(_STARTS):
            raise HasCode("an embedded object")
        kept = first
        while chunk := part.read(_STEP):
            if wanted and len(kept) < _READ:
                kept += chunk
    if wanted:
        _look_at_relationships(kept)


def _look_at_relationships(xml: bytes) -> None:
    if b"\0" in xml or b"<!DOCTYPE" in xml:  # never written so, and it would hide what it says
        raise Damaged
    for tag in _RELATIONSHIP.findall(xml):
        if _FETCHED.search(tag) and _ELSEWHERE.search(tag):
            raise HasCode("a part that is fetched from elsewhere")
        if b"vbaProject" in tag:
            raise HasCode("macros")
