"""What holds a submission: namespaces, a filter of system calls, limits, and a watch from outside."""
