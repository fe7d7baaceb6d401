"""Build, check and grade the fill-in notebooks of the attention book."""

import sys

# nbformat's validator would read a grammar of web addresses for two seconds, to check a format no notebook uses
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it cannot be imported
