"""The exercises in the page: the released notebook, done in the browser with Python compiled to WebAssembly."""
