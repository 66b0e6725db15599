"""Files for tests, made on the spot: the three that are taken, and what pretends to be one."""

import io
import zipfile

PDF_BODY = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODT_TYPE = b"application/vnd.oasis.opendocument.text"


def pdf(words: str = "A CV", *, more: bytes = b"", size: int = 0) -> bytes:
    """A PDF that says something nobody reads; `size` fills it up to so many bytes."""
    begins = PDF_BODY + more + f"% {words}\n".encode()
    ends = b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return begins + b"x" * max(0, size - len(begins) - len(ends)) + ends


def packed(parts: dict[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A package of these parts, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            package.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return out.getvalue()


def docx(more: dict[str, bytes] | None = None, *, main: str = WORD) -> bytes:
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    return packed(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": b"<Relationships/>",
            "word/document.xml": b"<w:document/>",
            **(more or {}),
        }
    )


def odt(more: dict[str, bytes] | None = None, *, mimetype: bytes = ODT_TYPE) -> bytes:
    parts = {"mimetype": mimetype, "content.xml": b"<office:document-content/>", **(more or {})}
    return packed(parts, stored=("mimetype",))


def relation(kind: str, target: str) -> bytes:
    """A part's relationships, with one to somewhere outside."""
    return (
        f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}"'
        ' TargetMode="External"/></Relationships>'
    ).encode()


def locked(content: bytes) -> bytes:
    """The same package with every entry marked as encrypted."""
    marked = bytearray(content)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = marked.find(signature)
        while found >= 0:
            marked[found + at] |= 1
            found = marked.find(signature, found + 4)
    return bytes(marked)


def bomb() -> bytes:
    """A hundred kilobytes that unpack to more than a hundred megabytes."""
    return docx({"word/media/picture.bin": b"\0" * (101 * 1024 * 1024)})


def lying_bomb() -> bytes:
    """A package whose picture says that it is small, and is not."""
    whole = bytearray(docx({"word/media/picture.bin": b"\0" * (4 * 1024 * 1024)}))
    size = (4 * 1024 * 1024).to_bytes(4, "little")
    at = whole.find(size)
    while at >= 0:
        whole[at : at + 4] = (100).to_bytes(4, "little")
        at = whole.find(size)
    return bytes(whole)
