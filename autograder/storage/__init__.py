"""Files and folders: read with care, written whole, found where they belong."""
