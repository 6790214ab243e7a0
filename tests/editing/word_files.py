"""Word documents as small as Word's rules allow."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{_RELATIONS}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_STYLES = {"Title": "Title", "Heading1": "heading 1", "Heading2": "heading 2", "Heading3": "heading 3"}


def paragraph(text: str, style: str = "", *, level: int | None = None, number: int = 1, run: str = "") -> str:
    """Return a paragraph. With a level it is an item of the list `number`: 1 has bullets, 2 has numbers."""
    kind = f'<w:pStyle w:val="{style}"/>' if style else ""
    if level is not None:
        kind += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{kind}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    lines = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def link(text: str, number: int) -> str:
    """Return a paragraph with the link `target{number}`."""
    return f'<w:p><w:hyperlink r:id="target{number}"><w:r><w:t>{text}</w:t></w:r></w:hyperlink></w:p>'


def picture(alt: str, number: int) -> str:
    return (
        f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{alt}"/><a:graphic><a:graphicData><pic:pic>'
        f'<pic:blipFill><a:blip r:embed="picture{number}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r></w:p>"
    )


def word_file(
    *blocks: str,
    pictures: Mapping[str, bytes] | None = None,
    links: tuple[str, ...] = (),
    head: str = "",
    notes: tuple[str, ...] = (),
) -> bytes:
    """Return a document. Pictures are named as `1.png`, and shown by their number. Footnotes are numbered from 1."""
    pictures = pictures or {}
    relations = [
        f'<Relationship Id="picture{name.partition(".")[0]}" Type="{_RELATIONS}/image" Target="media/{name}"/>'
        for name in pictures
    ]
    relations += [
        f'<Relationship Id="target{number}" Type="{_RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/>'
        for number, target in enumerate(links, start=1)
    ]
    relations.append(f'<Relationship Id="n" Type="{_RELATIONS}/numbering" Target="numbering.xml"/>')
    relations.append(f'<Relationship Id="s" Type="{_RELATIONS}/styles" Target="styles.xml"/>')
    relations.append(f'<Relationship Id="f" Type="{_RELATIONS}/footnotes" Target="footnotes.xml"/>')
    footnotes = "".join(
        f'<w:footnote w:id="{number}">{paragraph(note)}</w:footnote>' for number, note in enumerate(notes, start=1)
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in _STYLES.items()
    )
    lists = _numbering(1, "bullet") + _numbering(2, "decimal")
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="png" ContentType="image/png"/><Default Extension="emf" ContentType="image/x-emf"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/></Types>'
        ),
        "_rels/.rels": _relations(
            f'<Relationship Id="d" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/_rels/document.xml.rels": _relations("".join(relations)),
        "word/document.xml": f"{head}<w:document {_NAMESPACES}><w:body>{''.join(blocks)}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {_NAMESPACES}>{footnotes}</w:footnotes>",
        "word/styles.xml": f"<w:styles {_NAMESPACES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMESPACES}>{lists}</w:numbering>",
    }
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, content in pictures.items():
            archive.writestr(f"word/media/{name}", content)
    return written.getvalue()


def _relations(inner: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def _numbering(number: int, kind: str) -> str:
    levels = "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{kind}"/></w:lvl>' for level in range(3))
    return (
        f'<w:abstractNum w:abstractNumId="{number}">{levels}</w:abstractNum>'
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    )
