"""Runs submissions in processes of their own, here or on other machines, and takes what comes out."""
