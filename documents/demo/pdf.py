"""Small PDFs made by hand: lines of Latin text on A4 pages."""

from __future__ import annotations

from collections.abc import Sequence

NO_BRACKETS = str.maketrans("()", "[]")  # they end a string in PDF


def pdf(pages: Sequence[Sequence[str]], *, box: str = "0 0 595 842") -> bytes:
    """One page for each list of lines, in Helvetica, with a text layer."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line.translate(NO_BRACKETS)}) Tj T*" for line in lines)
        drawing = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET".encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
            % (box.encode(), len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(made))
    )
